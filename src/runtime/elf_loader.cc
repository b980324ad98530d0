// SPDX-License-Identifier: Apache-2.0
#include "elf_loader.h"

#include <elf.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstring>
#include <vector>

#include "metaschedule/support/error.h"

namespace metaschedule::runtime {
namespace {

constexpr const char* kNoObject = "expected an ELF object of x86-64, found {}";

/// Reads an object with every offset checked: it may come from anywhere.
class ObjectFile {
 public:
  explicit ObjectFile(std::string_view bytes) : bytes_(bytes) {
    check<RunError>(bytes.size() >= sizeof(Elf64_Ehdr) && bytes.substr(0, 4) == "\177ELF",
                    kNoObject, "something else");
    header_ = read<Elf64_Ehdr>(0);
    check<RunError>(header_.e_ident[EI_CLASS] == ELFCLASS64 &&
                        header_.e_ident[EI_DATA] == ELFDATA2LSB && header_.e_type == ET_REL,
                    kNoObject, "an ELF file of another kind");
    check<RunError>(header_.e_shentsize == sizeof(Elf64_Shdr), kNoObject, "odd section headers");
    for (size_t i = 0; i < header_.e_shnum; ++i)
      sections.push_back(read<Elf64_Shdr>(header_.e_shoff + i * sizeof(Elf64_Shdr)));
    for (const Elf64_Shdr& s : sections) {
      if (s.sh_type != SHT_SYMTAB) continue;
      check<RunError>(s.sh_link < sections.size(), kNoObject, "a broken symbol table");
      names_ = data(sections[s.sh_link]);
      for (size_t i = 0; i < s.sh_size / sizeof(Elf64_Sym); ++i)
        symbols.push_back(read<Elf64_Sym>(s.sh_offset + i * sizeof(Elf64_Sym)));
    }
  }

  const Elf64_Ehdr& header() const { return header_; }
  std::vector<Elf64_Shdr> sections;
  std::vector<Elf64_Sym> symbols;

  template <class T>
  T read(uint64_t offset) const {
    check<RunError>(offset <= bytes_.size() && sizeof(T) <= bytes_.size() - offset, kNoObject,
                    "one that is cut off");
    T value;
    std::memcpy(&value, bytes_.data() + offset, sizeof(T));
    return value;
  }
  std::string_view data(const Elf64_Shdr& s) const {
    check<RunError>(s.sh_offset <= bytes_.size() && s.sh_size <= bytes_.size() - s.sh_offset,
                    kNoObject, "one that is cut off");
    return bytes_.substr(s.sh_offset, s.sh_size);
  }
  std::string name(const Elf64_Sym& symbol) const {
    check<RunError>(symbol.st_name < names_.size(), kNoObject, "a broken symbol table");
    size_t end = names_.find('\0', symbol.st_name);
    check<RunError>(end != std::string_view::npos, kNoObject, "a broken symbol table");
    return std::string(names_.substr(symbol.st_name, end - symbol.st_name));
  }

 private:
  std::string_view bytes_;
  std::string_view names_;
  Elf64_Ehdr header_;
};

/// Kernels do not throw, so tables of unwinding are left out.
bool is_loaded(const Elf64_Shdr& s) {
  return (s.sh_flags & SHF_ALLOC) && s.sh_size > 0 && s.sh_type != SHT_X86_64_UNWIND &&
         (s.sh_type == SHT_PROGBITS || s.sh_type == SHT_NOBITS);
}

void store(char* place, int64_t value, size_t bytes) { std::memcpy(place, &value, bytes); }

void relocate(char* place, uint32_t type, int64_t target, int64_t addend) {
  int64_t value = target + addend;
  int64_t relative = value - reinterpret_cast<int64_t>(place);
  switch (type) {
    case R_X86_64_NONE:
      return;
    case R_X86_64_64:
      return store(place, value, 8);
    case R_X86_64_PC64:
      return store(place, relative, 8);
    case R_X86_64_PC32:
    case R_X86_64_PLT32:
      check<RunError>(relative == static_cast<int32_t>(relative), "relocation out of range");
      return store(place, relative, 4);
    default:
      fail<RunError>("the object has a relocation of type {}, which is not for self-contained code",
                     type);
  }
}

}  // namespace

LoadedObject::LoadedObject(std::string_view bytes) {
  ObjectFile file(bytes);
  check<RunError>(file.header().e_machine == EM_X86_64, kNoObject, "one of another machine");
  // Code, constants and data each on pages of their own.
  const uint64_t page = static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
  std::vector<uint64_t> place(file.sections.size(), 0);
  uint64_t limits[4] = {0, 0, 0, 0};
  uint64_t at = 0;
  for (int group = 0; group < 3; ++group) {
    for (size_t i = 0; i < file.sections.size(); ++i) {
      const Elf64_Shdr& s = file.sections[i];
      int of = s.sh_flags & SHF_EXECINSTR ? 0 : s.sh_flags & SHF_WRITE ? 2 : 1;
      if (!is_loaded(s) || of != group) continue;
      uint64_t align = std::max<uint64_t>(s.sh_addralign, 1);
      check<RunError>(align <= page && (align & (align - 1)) == 0 && s.sh_size < (1u << 30),
                      kNoObject, "a section of odd size");
      at = (at + align - 1) / align * align;
      place[i] = at;
      at += s.sh_size;
    }
    at = (at + page - 1) / page * page;
    limits[group + 1] = at;
  }
  size_ = std::max<uint64_t>(at, page);
  void* memory = mmap(nullptr, size_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  check<RunError>(memory != MAP_FAILED, "no memory for an object of {} bytes", size_);
  memory_ = memory;
  char* base = static_cast<char*>(memory);
  try {
    for (size_t i = 0; i < file.sections.size(); ++i) {
      const Elf64_Shdr& s = file.sections[i];
      if (!is_loaded(s) || s.sh_type == SHT_NOBITS) continue;
      std::string_view data = file.data(s);
      std::memcpy(base + place[i], data.data(), data.size());
    }
    auto address = [&](const Elf64_Sym& symbol) -> char* {
      if (symbol.st_shndx == SHN_ABS) return reinterpret_cast<char*>(symbol.st_value);
      if (symbol.st_shndx == SHN_UNDEF || symbol.st_shndx >= file.sections.size() ||
          !is_loaded(file.sections[symbol.st_shndx]))
        fail<RunError>("the object needs symbol {}, which it does not define", file.name(symbol));
      check<RunError>(symbol.st_value <= file.sections[symbol.st_shndx].sh_size, kNoObject,
                      "a broken symbol table");
      return base + place[symbol.st_shndx] + symbol.st_value;
    };
    for (const Elf64_Shdr& s : file.sections) {
      if (s.sh_type == SHT_REL) fail<RunError>(kNoObject, "relocations without addends");
      if (s.sh_type != SHT_RELA || s.sh_info >= file.sections.size()) continue;
      const Elf64_Shdr& target = file.sections[s.sh_info];
      if (!is_loaded(target)) continue;
      for (uint64_t i = 0; i < s.sh_size / sizeof(Elf64_Rela); ++i) {
        auto r = file.read<Elf64_Rela>(s.sh_offset + i * sizeof(Elf64_Rela));
        size_t index = ELF64_R_SYM(r.r_info);
        check<RunError>(index < file.symbols.size() && r.r_offset <= target.sh_size &&
                            target.sh_size - r.r_offset >= 4,
                        kNoObject, "a broken relocation");
        uint32_t type = static_cast<uint32_t>(ELF64_R_TYPE(r.r_info));
        bool is_wide = type == R_X86_64_64 || type == R_X86_64_PC64;
        check<RunError>(!is_wide || target.sh_size - r.r_offset >= 8, kNoObject,
                        "a broken relocation");
        relocate(base + place[s.sh_info] + r.r_offset, type,
                 reinterpret_cast<int64_t>(address(file.symbols[index])), r.r_addend);
      }
    }
    for (const Elf64_Sym& symbol : file.symbols) {
      if (ELF64_ST_BIND(symbol.st_info) == STB_LOCAL || symbol.st_shndx == SHN_UNDEF) continue;
      symbols_[file.name(symbol)] = address(symbol);
    }
    const int protection[3] = {PROT_READ | PROT_EXEC, PROT_READ, PROT_READ | PROT_WRITE};
    for (int group = 0; group < 3; ++group) {
      uint64_t length = limits[group + 1] - limits[group];
      if (length == 0) continue;
      check<RunError>(mprotect(base + limits[group], length, protection[group]) == 0,
                      "this system does not let code be made at run time");
    }
  } catch (...) {
    munmap(memory_, size_);
    throw;
  }
}

LoadedObject::~LoadedObject() {
  if (memory_) munmap(memory_, size_);
}

void* LoadedObject::find(const std::string& name) const {
  auto it = symbols_.find(name);
  return it == symbols_.end() ? nullptr : it->second;
}

bool is_for_this_machine(std::string_view object) {
#if defined(__x86_64__)
  constexpr Elf64_Half kMachine = EM_X86_64;
#elif defined(__aarch64__)
  constexpr Elf64_Half kMachine = EM_AARCH64;
#elif defined(__riscv)
  constexpr Elf64_Half kMachine = EM_RISCV;
#else
  constexpr Elf64_Half kMachine = EM_NONE;
#endif
  return ObjectFile(object).header().e_machine == kMachine;
}

std::string read_text_symbol(std::string_view object, const std::string& name) {
  ObjectFile file(object);
  for (const Elf64_Sym& symbol : file.symbols) {
    if (symbol.st_shndx == SHN_UNDEF || symbol.st_shndx >= file.sections.size()) continue;
    if (file.name(symbol) != name) continue;
    std::string_view data = file.data(file.sections[symbol.st_shndx]);
    check<RunError>(symbol.st_value <= data.size(), kNoObject, "a broken symbol table");
    data.remove_prefix(symbol.st_value);
    return std::string(data.substr(0, data.find('\0')));
  }
  return "";
}

}  // namespace metaschedule::runtime
