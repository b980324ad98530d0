// SPDX-License-Identifier: Apache-2.0
// The tune layer, compiled: the database of SQLite.
#include "metaschedule/tune/record/sqlite_database.h"

#include <cmath>
#include <filesystem>
#include <limits>
#include <map>
#include <mutex>
#include <unordered_map>

#ifdef METASCHEDULE_WITH_SQLITE
#include <sqlite3.h>
#include <unistd.h>
#endif

namespace metaschedule {

#ifdef METASCHEDULE_WITH_SQLITE
namespace {

constexpr int kSchemaVersion = 1;
constexpr int64_t kHashVersion = 1;  // of ModuleEquality::hash
constexpr int kBusyTries = 60000;

/// Waits about a millisecond for a lock: SQLite's own handler soon sleeps a hundred at a time, and
/// a process that writes without a pause would starve the others.
int wait_for_lock(void*, int tries) {
  ::usleep(static_cast<useconds_t>(500 + tries * 7919 % 1000));
  return tries < kBusyTries;
}

constexpr const char* kSchema = R"(
CREATE TABLE workloads (id INTEGER PRIMARY KEY, hash_version INTEGER NOT NULL,
  hash INTEGER NOT NULL, equality TEXT NOT NULL, body TEXT NOT NULL);
CREATE INDEX workload_key ON workloads (hash, equality, hash_version);
CREATE TABLE records (id INTEGER PRIMARY KEY, workload INTEGER NOT NULL REFERENCES workloads,
  mean REAL NOT NULL, valid INTEGER NOT NULL, body TEXT NOT NULL);
CREATE INDEX best_of_workload ON records (workload, valid, mean, id);
)";

struct Connection {
  sqlite3* handle = nullptr;
  const std::string path;

  explicit Connection(std::string file) : path(std::move(file)) {}
  Connection(const Connection&) = delete;
  ~Connection() {
    for (const auto& [text, statement] : statements) sqlite3_finalize(statement);
    sqlite3_close_v2(handle);
  }

  void check_ok(int code) const {
    if (code != SQLITE_OK)
      fail<DatabaseError>("the database file {}: {}", path, sqlite3_errmsg(handle));
  }
  void run(const char* text) const {
    check_ok(sqlite3_exec(handle, text, nullptr, nullptr, nullptr));
  }
  /// The compiled form of a statement, made once.
  sqlite3_stmt* compiled(const char* text) {
    sqlite3_stmt*& statement = statements[text];
    if (!statement)
      check_ok(
          sqlite3_prepare_v3(handle, text, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr));
    return statement;
  }

  std::map<std::string_view, sqlite3_stmt*> statements;  // by literals
};

/// One statement under way; none of the same text may be.
class Query {
 public:
  Query(Connection& connection, const char* text)
      : connection_(connection), statement_(connection.compiled(text)) {}
  Query(const Query&) = delete;
  ~Query() {
    sqlite3_reset(statement_);
    sqlite3_clear_bindings(statement_);
  }

  Query& operator<<(int64_t value) {
    connection_.check_ok(sqlite3_bind_int64(statement_, ++bound_, value));
    return *this;
  }
  Query& operator<<(double value) {
    connection_.check_ok(sqlite3_bind_double(statement_, ++bound_, value));
    return *this;
  }
  /// The text stays where it is as long as this.
  Query& operator<<(std::string_view value) {
    connection_.check_ok(sqlite3_bind_text64(statement_, ++bound_, value.data(), value.size(),
                                             SQLITE_STATIC, SQLITE_UTF8));
    return *this;
  }
  /// The next row; false after the last.
  bool next() {
    const int code = sqlite3_step(statement_);
    if (code == SQLITE_ROW) return true;
    if (code != SQLITE_DONE)
      fail<DatabaseError>("the database file {}: {}", connection_.path,
                          sqlite3_errmsg(connection_.handle));
    return false;
  }
  int64_t integer(int column) const { return sqlite3_column_int64(statement_, column); }
  double real(int column) const { return sqlite3_column_double(statement_, column); }
  std::string text(int column) const {
    const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
    return {bytes ? bytes : "", static_cast<size_t>(sqlite3_column_bytes(statement_, column))};
  }

 private:
  Connection& connection_;
  sqlite3_stmt* statement_;
  int bound_ = 0;
};

/// Undone unless committed. Takes the lock for writing at once: what is read first stays true.
class Transaction {
 public:
  explicit Transaction(const Connection& connection) : connection_(connection) {
    connection_.run("BEGIN IMMEDIATE");
  }
  Transaction(const Transaction&) = delete;
  ~Transaction() {
    if (!done_) sqlite3_exec(connection_.handle, "ROLLBACK", nullptr, nullptr, nullptr);
  }
  void commit() {
    connection_.run("COMMIT");
    done_ = true;
  }

 private:
  const Connection& connection_;
  bool done_ = false;
};

}  // namespace

struct SqliteDatabase::Impl : std::enable_shared_from_this<Impl> {
  Impl(const std::string& path, ModuleEquality equality) : connection(path), equality(equality) {}

  void make_schema() {
    Transaction transaction(connection);
    const int64_t version = schema_version();
    if (version == 0) {
      connection.run(kSchema);
      connection.run(fmt::format("PRAGMA user_version = {}", kSchemaVersion).c_str());
    }
    check<DatabaseError>(version <= kSchemaVersion,
                         "the database file {} is of version {}, this library reads up to {}",
                         connection.path, version, kSchemaVersion);
    transaction.commit();
  }
  int64_t schema_version() {
    Query query(connection, "PRAGMA user_version");
    return query.next() ? query.integer(0) : 0;
  }

  void remember(int64_t id, const WorkloadPtr& workload) {
    workloads[id] = workload;
    rows[workload.get()] = id;
  }
  void forget(int64_t id) {
    rows.erase(workloads[id].get());
    workloads.erase(id);
  }
  /// The one object for the program of a row.
  WorkloadPtr workload(int64_t id, const std::string& body) {
    if (!workloads.contains(id)) {
      try {
        ModuleRef mod = Workload::from_json(parse_json(body))->mod;
        const uint64_t hash = equality.hash(*mod);
        remember(id, std::make_shared<Workload>(std::move(mod), hash));
      } catch (const Error& e) {
        fail<DatabaseError>("the database file {}: workload {}: {}", connection.path, id, e.what());
      }
    }
    return workloads[id];
  }
  WorkloadPtr workload(int64_t id) {
    if (const auto it = workloads.find(id); it != workloads.end()) return it->second;
    Query query(connection, "SELECT body FROM workloads WHERE id = ?");
    query << id;
    check<DatabaseError>(query.next(), "the database file {}: there is no workload {}",
                         connection.path, id);
    return workload(id, query.text(0));
  }
  /// The row of an equal program; -1: none.
  int64_t find(const ModuleRef& mod, uint64_t hash) {
    Query query(connection,
                "SELECT id, body FROM workloads WHERE hash = ? AND equality = ? AND "
                "hash_version = ? ORDER BY id");
    query << static_cast<int64_t>(hash) << equality.name() << kHashVersion;
    while (query.next()) {
      const int64_t id = query.integer(0);
      if (equality.equal(*workload(id, query.text(1))->mod, *mod)) return id;
    }
    return -1;
  }
  int64_t find(const ModuleRef& mod) { return find(mod, equality.hash(*mod)); }
  int64_t find(const WorkloadPtr& workload) {
    const auto own = rows.find(workload.get());
    return own != rows.end() ? own->second : find(workload->mod);
  }

  std::string body_of(int64_t id) {
    std::lock_guard lock(mutex);
    Query query(connection, "SELECT body FROM records WHERE id = ?");
    query << id;
    check<DatabaseError>(query.next(), "the database file {}: record {} is gone", connection.path,
                         id);
    return query.text(0);
  }
  /// Rows of (id, workload, mean, valid); the rest of a record is read when it is asked for.
  std::vector<TuningRecordPtr> records(Query& query) {
    std::vector<TuningRecordPtr> out;
    while (query.next()) {
      const int64_t id = query.integer(0);
      out.push_back(
          TuningRecord::from_text([self = shared_from_this(), id] { return self->body_of(id); },
                                  workload(query.integer(1)), query.real(2), query.integer(3) != 0,
                                  fmt::format("record {} of file {}", id, connection.path)));
    }
    return out;
  }

  Connection connection;
  const ModuleEquality equality;
  std::mutex mutex;
  std::unordered_map<int64_t, WorkloadPtr> workloads;  // by row
  std::unordered_map<const Workload*, int64_t> rows;   // of those objects
};

SqliteDatabase::SqliteDatabase(std::string file, bool allow_missing, ModuleEquality equality)
    : Database(equality), path(std::move(file)), impl_(std::make_shared<Impl>(path, equality)) {
  check<ValueError>(allow_missing || std::filesystem::exists(path),
                    "the database file {} does not exist", path);
  Connection& connection = impl_->connection;
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_FULLMUTEX;
  if (sqlite3_open_v2(path.c_str(), &connection.handle, flags, nullptr) != SQLITE_OK)
    fail<ValueError>("the database file {} cannot be opened: {}", path,
                     connection.handle ? sqlite3_errmsg(connection.handle) : "no memory");
  sqlite3_busy_handler(connection.handle, wait_for_lock, nullptr);
  connection.run(
      "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON");
  if (impl_->schema_version() != kSchemaVersion) impl_->make_schema();
}

SqliteDatabase::~SqliteDatabase() = default;

bool SqliteDatabase::has_workload(const ModuleRef& mod) {
  std::lock_guard lock(impl_->mutex);
  return impl_->find(mod) >= 0;
}

WorkloadPtr SqliteDatabase::commit_workload(const ModuleRef& mod) {
  std::lock_guard lock(impl_->mutex);
  const uint64_t hash = equality().hash(*mod);
  if (const int64_t known = impl_->find(mod, hash); known >= 0) return impl_->workload(known);
  Transaction transaction(impl_->connection);
  int64_t id = impl_->find(mod, hash);  // another process may have been faster
  if (id < 0) {
    const auto workload = std::make_shared<Workload>(mod, hash);
    const std::string body = dump_json(workload->as_json());
    {
      Query query(impl_->connection,
                  "INSERT INTO workloads (hash_version, hash, equality, body) VALUES (?, ?, ?, ?)");
      query << kHashVersion << static_cast<int64_t>(hash) << equality().name() << body;
      query.next();
    }
    id = sqlite3_last_insert_rowid(impl_->connection.handle);
    impl_->remember(id, workload);
  }
  try {
    transaction.commit();
  } catch (...) {
    impl_->forget(id);
    throw;
  }
  return impl_->workload(id);
}

void SqliteDatabase::commit_tuning_record(const TuningRecordPtr& record) {
  const std::string body = dump_json(record->as_json());  // which may ask a database for the text
  std::lock_guard lock(impl_->mutex);
  const int64_t workload = impl_->find(record->workload());
  check<DatabaseError>(workload >= 0,
                       "the workload of the record is not in the database file {}; commit_workload "
                       "adds it",
                       path);
  const double mean = record->mean_seconds();
  Query query(impl_->connection,
              "INSERT INTO records (workload, mean, valid, body) VALUES (?, ?, ?, ?)");
  query << workload << (std::isnan(mean) ? std::numeric_limits<double>::infinity() : mean)
        << static_cast<int64_t>(record->is_valid()) << body;
  query.next();
}

std::vector<TuningRecordPtr> SqliteDatabase::get_top_k(const WorkloadPtr& workload, int top_k) {
  check<ValueError>(top_k >= 0, "top_k must be at least 0, found {}", top_k);
  std::lock_guard lock(impl_->mutex);
  const int64_t id = impl_->find(workload);
  if (id < 0) return {};
  Query query(impl_->connection,
              "SELECT id, workload, mean, valid FROM records WHERE workload = ? AND valid = 1 "
              "ORDER BY mean, id LIMIT ?");
  query << id << static_cast<int64_t>(top_k);
  return impl_->records(query);
}

std::vector<TuningRecordPtr> SqliteDatabase::get_all_tuning_records() {
  std::lock_guard lock(impl_->mutex);
  Query query(impl_->connection, "SELECT id, workload, mean, valid FROM records ORDER BY mean, id");
  return impl_->records(query);
}

int64_t SqliteDatabase::size() {
  std::lock_guard lock(impl_->mutex);
  Query query(impl_->connection, "SELECT count(*) FROM records");
  return query.next() ? query.integer(0) : 0;
}

#else

struct SqliteDatabase::Impl {};
SqliteDatabase::SqliteDatabase(std::string file, bool, ModuleEquality equality)
    : Database(equality), path(std::move(file)) {
  fail<ValueError>(
      "this library was built without SQLite: install libsqlite3-dev and build it again, or use "
      "the "
      "database of JSON files");
}
SqliteDatabase::~SqliteDatabase() = default;
bool SqliteDatabase::has_workload(const ModuleRef&) { return false; }
WorkloadPtr SqliteDatabase::commit_workload(const ModuleRef&) { return nullptr; }
void SqliteDatabase::commit_tuning_record(const TuningRecordPtr&) {}
std::vector<TuningRecordPtr> SqliteDatabase::get_top_k(const WorkloadPtr&, int) { return {}; }
std::vector<TuningRecordPtr> SqliteDatabase::get_all_tuning_records() { return {}; }
int64_t SqliteDatabase::size() { return 0; }

#endif

std::shared_ptr<SqliteDatabase> SqliteDatabase::open(const std::string& work_dir,
                                                     bool allow_missing, ModuleEquality equality) {
  const std::filesystem::path folder(work_dir);
  if (allow_missing) {
    std::error_code ignored;  // the file cannot be created then, which is reported
    std::filesystem::create_directories(folder, ignored);
  }
  return std::make_shared<SqliteDatabase>((folder / "database.sqlite").string(), allow_missing,
                                          equality);
}

}  // namespace metaschedule
