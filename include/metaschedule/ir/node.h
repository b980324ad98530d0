// SPDX-License-Identifier: Apache-2.0
// Node, Ref, List and Dict: immutable, intrusively counted values with one byte of kind and no
// virtual functions. Everything else in ir/ is made of these four.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "metaschedule/support/config.h"
#include "metaschedule/support/error.h"
#include "metaschedule/support/node_pool.h"

namespace metaschedule {

/// Every node kind, once: METASCHEDULE_KINDS(X) calls X(CppName, "type key").
/// Order matters only where ranges are tested below.
#define METASCHEDULE_KINDS(X)                   \
  X(PrimType, "PrimType")                       \
  X(PointerType, "PointerType")                 \
  X(TupleType, "TupleType")                     \
  X(FuncType, "FuncType")                       \
  X(Var, "tir.Var")                             \
  X(SizeVar, "tir.SizeVar")                     \
  X(IntImm, "IntImm")                           \
  X(FloatImm, "FloatImm")                       \
  X(StringImm, "tir.StringImm")                 \
  X(Cast, "tir.Cast")                           \
  X(Add, "tir.Add")                             \
  X(Sub, "tir.Sub")                             \
  X(Mul, "tir.Mul")                             \
  X(Div, "tir.Div")                             \
  X(Mod, "tir.Mod")                             \
  X(FloorDiv, "tir.FloorDiv")                   \
  X(FloorMod, "tir.FloorMod")                   \
  X(Min, "tir.Min")                             \
  X(Max, "tir.Max")                             \
  X(EQ, "tir.EQ")                               \
  X(NE, "tir.NE")                               \
  X(LT, "tir.LT")                               \
  X(LE, "tir.LE")                               \
  X(GT, "tir.GT")                               \
  X(GE, "tir.GE")                               \
  X(And, "tir.And")                             \
  X(Or, "tir.Or")                               \
  X(Not, "tir.Not")                             \
  X(Select, "tir.Select")                       \
  X(BufferLoad, "tir.BufferLoad")               \
  X(ProducerLoad, "tir.ProducerLoad")           \
  X(Ramp, "tir.Ramp")                           \
  X(Broadcast, "tir.Broadcast")                 \
  X(Let, "tir.Let")                             \
  X(Call, "tir.Call")                           \
  X(Shuffle, "tir.Shuffle")                     \
  X(Reduce, "tir.Reduce")                       \
  X(AnyExpr, "tir.Any")                         \
  X(LetStmt, "tir.LetStmt")                     \
  X(AttrStmt, "tir.AttrStmt")                   \
  X(AssertStmt, "tir.AssertStmt")               \
  X(BufferStore, "tir.BufferStore")             \
  X(BufferRealize, "tir.BufferRealize")         \
  X(ProducerStore, "tir.ProducerStore")         \
  X(ProducerRealize, "tir.ProducerRealize")     \
  X(Allocate, "tir.Allocate")                   \
  X(AllocateConst, "tir.AllocateConst")         \
  X(DeclBuffer, "tir.DeclBuffer")               \
  X(SeqStmt, "tir.SeqStmt")                     \
  X(Evaluate, "tir.Evaluate")                   \
  X(IfThenElse, "tir.IfThenElse")               \
  X(For, "tir.For")                             \
  X(While, "tir.While")                         \
  X(Prefetch, "tir.Prefetch")                   \
  X(Block, "tir.Block")                         \
  X(BlockRealize, "tir.BlockRealize")           \
  X(CommReducer, "tir.CommReducer")             \
  X(Op, "Op")                                   \
  X(GlobalVar, "GlobalVar")                     \
  X(Range, "Range")                             \
  X(IterVar, "tir.IterVar")                     \
  X(Buffer, "tir.Buffer")                       \
  X(BufferRegion, "tir.BufferRegion")           \
  X(MatchBufferRegion, "tir.MatchBufferRegion") \
  X(PrimFunc, "tir.PrimFunc")                   \
  X(IRModule, "IRModule")                       \
  X(IndexMap, "tir.IndexMap")                   \
  X(TensorIntrin, "tir.TensorIntrin")           \
  X(Target, "Target")                           \
  X(VDevice, "VDevice")                         \
  X(DummyGlobalInfo, "DummyGlobalInfo")         \
  X(NDArray, "runtime.NDArray")                 \
  X(String, "runtime.String")                   \
  X(BoxInt, "runtime.BoxInt")                   \
  X(BoxFloat, "runtime.BoxFloat")               \
  X(BoxBool, "runtime.BoxBool")                 \
  X(Array, "Array")                             \
  X(Map, "Map")                                 \
  X(Tensor, "Tensor")                           \
  X(PlaceholderOp, "PlaceholderOp")             \
  X(ComputeOp, "ComputeOp")                     \
  X(ExternOp, "ExternOp")

enum class Kind : uint8_t {
#define METASCHEDULE_KIND(name, key) name,
  METASCHEDULE_KINDS(METASCHEDULE_KIND)
#undef METASCHEDULE_KIND
      Count_
};

constexpr bool is_type_kind(Kind k) { return k <= Kind::FuncType; }
constexpr bool is_expr_kind(Kind k) { return k >= Kind::Var && k <= Kind::AnyExpr; }
constexpr bool is_stmt_kind(Kind k) { return k >= Kind::LetStmt && k <= Kind::BlockRealize; }
constexpr bool is_binary_kind(Kind k) { return k >= Kind::Add && k <= Kind::Or; }
constexpr bool is_global_info_kind(Kind k) {
  return k == Kind::VDevice || k == Kind::DummyGlobalInfo;
}
constexpr bool is_compare_kind(Kind k) { return k >= Kind::EQ && k <= Kind::GE; }

/// Base of all nodes. A node is never changed once it can be reached from a second place.
struct Node {
  /// From this count on a node is immortal: counting stops and threads share it without contention.
  static constexpr uint32_t kImmortal = 1u << 30;

  Kind kind;
  mutable std::atomic<uint32_t> refs{0};

  explicit Node(Kind k) : kind(k) {}
  Node(const Node& other) : kind(other.kind) {}
  Node& operator=(const Node&) = delete;

  void retain() const {
    if (refs.load(std::memory_order_relaxed) < kImmortal)
      refs.fetch_add(1, std::memory_order_relaxed);
  }
  void release() const {
    if (refs.load(std::memory_order_relaxed) >= kImmortal) return;
    if (refs.fetch_sub(1, std::memory_order_acq_rel) == 1) destroy(this);
  }

  /// Deletes the node as what its kind says it is.
  static void destroy(const Node* node);

  static void* operator new(size_t size) { return detail::NodePool::allocate(size); }
  static void operator delete(void* memory, size_t size) {
    detail::NodePool::release(memory, size);
  }
};

/// The untyped part of Ref, so that generic code can treat every reference alike.
class RefBase {
 public:
  constexpr RefBase() = default;
  explicit RefBase(const Node* node) : ptr_(node) {
    if (ptr_) ptr_->retain();
  }
  RefBase(const RefBase& other) : RefBase(other.ptr_) {}
  RefBase(RefBase&& other) noexcept : ptr_(std::exchange(other.ptr_, nullptr)) {}
  RefBase& operator=(const RefBase& other) {
    RefBase copy(other);
    std::swap(ptr_, copy.ptr_);
    return *this;
  }
  RefBase& operator=(RefBase&& other) noexcept {
    std::swap(ptr_, other.ptr_);
    return *this;
  }
  ~RefBase() {
    if (ptr_) ptr_->release();
  }
  const Node* node() const { return ptr_; }
  explicit operator bool() const { return ptr_ != nullptr; }

 protected:
  const Node* ptr_ = nullptr;
};

/// A counted reference to an immutable `T`, or null. `==` is identity.
template <class T>
class Ref : public RefBase {
 public:
  using element_type = T;
  constexpr Ref() = default;
  constexpr Ref(std::nullptr_t) {}  // NOLINT: null is a reference
  explicit Ref(const T* node) : RefBase(static_cast<const Node*>(node)) {}
  template <class U>
    requires std::is_base_of_v<T, U> && (!std::is_same_v<T, U>)
  Ref(const Ref<U>& other) : RefBase(other) {}  // NOLINT: as pointers convert
  template <class U>
    requires std::is_base_of_v<T, U> && (!std::is_same_v<T, U>)
  Ref(Ref<U>&& other) noexcept : RefBase(std::move(other)) {}  // NOLINT

  const T* get() const { return static_cast<const T*>(ptr_); }
  const T* operator->() const { return get(); }
  const T& operator*() const { return *get(); }
  /// Identity.
  bool same_as(const RefBase& other) const { return ptr_ == other.node(); }
  friend bool operator==(const Ref& a, const Ref& b) { return a.ptr_ == b.ptr_; }
};

/// Creates a node: `make<Add>(...)`. The only way nodes come into being.
template <class T, class... Args>
Ref<T> make(Args&&... args) {
  return Ref<T>(new T(std::forward<Args>(args)...));
}

/// A copy of `node` that may be changed until it is stored: `auto f = mutate(*loop); f->body = b;`.
template <class T>
class Mutable {
 public:
  explicit Mutable(T* node) : ptr_(node), ref_(node) {}
  T* operator->() const { return ptr_; }
  T& operator*() const { return *ptr_; }
  operator Ref<T>() const { return ref_; }  // NOLINT: the end of the change
  template <class U>
    requires std::is_base_of_v<U, T> && (!std::is_same_v<U, T>)
  operator Ref<U>() const {  // NOLINT
    return ref_;
  }

 private:
  T* ptr_;
  Ref<T> ref_;
};
template <class T>
Mutable<T> mutate(const T& node) {
  return Mutable<T>(new T(node));
}
template <class T>
Mutable<T> mutate(const Ref<T>& node) {
  return mutate(*node);
}

/// Shared storage of a List.
struct ListData {
  mutable std::atomic<uint32_t> refs{0};
  std::vector<RefBase> items;
  bool flat = false;  // see ListBase

  static void* operator new(size_t size) { return detail::NodePool::allocate(size); }
  static void operator delete(void* memory, size_t size) {
    detail::NodePool::release(memory, size);
  }
};

/// The untyped part of List.
class ListBase {
 public:
  constexpr ListBase() = default;
  /// `flat`: statements none of which is a sequence or an evaluation, which is kept with the items.
  explicit ListBase(std::vector<RefBase> items, bool flat = false) {
    if (!items.empty()) {
      data_ = new ListData{{1}, std::move(items), flat};
    }
  }
  ListBase(const ListBase& other) : data_(other.data_) {
    if (data_) data_->refs.fetch_add(1, std::memory_order_relaxed);
  }
  ListBase(ListBase&& other) noexcept : data_(std::exchange(other.data_, nullptr)) {}
  ListBase& operator=(ListBase other) noexcept {
    std::swap(data_, other.data_);
    return *this;
  }
  ~ListBase() {
    if (data_ && data_->refs.fetch_sub(1, std::memory_order_acq_rel) == 1) delete data_;
  }
  size_t size() const { return data_ ? data_->items.size() : 0; }
  bool empty() const { return data_ == nullptr; }
  const RefBase& at_raw(size_t i) const { return data_->items[i]; }
  const RefBase* raw_begin() const { return data_ ? data_->items.data() : nullptr; }
  bool shares(const ListBase& other) const { return data_ == other.data_; }
  /// The items, to change in place; null where another list shares them, or they were not given as
  /// flat.
  RefBase* own_flat_items() {
    bool own = data_ && data_->flat && data_->refs.load(std::memory_order_acquire) == 1;
    return own ? data_->items.data() : nullptr;
  }

 private:
  ListData* data_ = nullptr;
};

/// An immutable sequence of `Ref<T>`; copying shares. Build one from a vector or an initializer
/// list.
template <class T>
class List : public ListBase {
 public:
  using value_type = Ref<T>;
  List() = default;
  List(std::initializer_list<Ref<T>> items)
      : ListBase(std::vector<RefBase>(items.begin(), items.end())) {}
  List(const std::vector<Ref<T>>& items)  // NOLINT: the usual way to make one
      : ListBase(std::vector<RefBase>(items.begin(), items.end())) {}
  template <class It>
  List(It first, It last) : ListBase(std::vector<RefBase>(first, last)) {}
  explicit List(ListBase base) : ListBase(std::move(base)) {}

  const Ref<T>& operator[](size_t i) const { return begin()[i]; }
  const Ref<T>& front() const { return begin()[0]; }
  const Ref<T>& back() const { return begin()[size() - 1]; }
  /// Ref<T> adds nothing to RefBase, so the storage can be read as what was put in.
  const Ref<T>* begin() const { return static_cast<const Ref<T>*>(raw_begin()); }
  const Ref<T>* end() const { return begin() + size(); }
  std::vector<Ref<T>> vec() const { return {begin(), end()}; }
  List with(size_t i, Ref<T> item) const {
    std::vector<Ref<T>> items = vec();
    items[i] = std::move(item);
    return items;
  }
};

/// Type keys and C++ names of kinds.
std::string_view type_key(Kind kind);
std::string_view kind_name(Kind kind);

/// A string-keyed map of values kept sorted by key; copying shares. Annotations and attributes.
class Dict {
 public:
  using Item = std::pair<std::string, Ref<Node>>;
  Dict() = default;
  Dict(std::initializer_list<Item> items);
  explicit Dict(std::vector<Item> items);

  size_t size() const { return data_ ? data_->items.size() : 0; }
  bool empty() const { return size() == 0; }
  const Item* begin() const { return data_ ? data_->items.data() : nullptr; }
  const Item* end() const { return begin() + size(); }
  /// Null when absent, and when it is there with the value null.
  const Node* find(std::string_view key) const;
  bool contains(std::string_view key) const;
  Ref<Node> get(std::string_view key) const { return Ref<Node>(find(key)); }
  /// Copies with one entry set or removed.
  Dict with(std::string_view key, Ref<Node> value) const;
  Dict without(std::string_view key) const;
  bool shares(const Dict& other) const { return data_ == other.data_; }

  Dict(const Dict& other) : data_(other.data_) {
    if (data_) data_->refs.fetch_add(1, std::memory_order_relaxed);
  }
  Dict(Dict&& other) noexcept : data_(std::exchange(other.data_, nullptr)) {}
  Dict& operator=(Dict other) noexcept {
    std::swap(data_, other.data_);
    return *this;
  }
  ~Dict() {
    if (data_ && data_->refs.fetch_sub(1, std::memory_order_acq_rel) == 1) delete data_;
  }

 private:
  struct Data {
    mutable std::atomic<uint32_t> refs{0};
    std::vector<Item> items;
  };
  const Item* item(std::string_view key) const;

  Data* data_ = nullptr;
};

/// `node` as a `T`, or null when it is something else. `T` is a concrete node, ExprNode or
/// StmtNode.
template <class T>
const T* as(const Node* node) {
  return node && T::is_kind(node->kind) ? static_cast<const T*>(node) : nullptr;
}
template <class T>
const T* as(const RefBase& ref) {
  return as<T>(ref.node());
}
/// Not of a temporary: its node may be gone before the pointer is used.
template <class T>
const T* as(RefBase&&) = delete;
/// `ref` as a `Ref<T>`; null when it is something else.
template <class T>
Ref<T> as_ref(const RefBase& ref) {
  return Ref<T>(as<T>(ref.node()));
}
/// `node` as a `T`; a defect when it is not.
template <class T>
const T& cast_to(const Node& node) {
  METASCHEDULE_CHECK(T::is_kind(node.kind));
  return static_cast<const T&>(node);
}
template <class T>
Ref<T> cast_to(const RefBase& ref) {
  METASCHEDULE_CHECK(ref.node() && T::is_kind(ref.node()->kind));
  return Ref<T>(static_cast<const T*>(ref.node()));
}

}  // namespace metaschedule

template <class T>
struct std::hash<metaschedule::Ref<T>> {
  size_t operator()(const metaschedule::Ref<T>& ref) const noexcept {
    return std::hash<const void*>()(ref.get());
  }
};
