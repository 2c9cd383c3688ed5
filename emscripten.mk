# SPDX-License-Identifier: MIT
#
# make -f emscripten.mk [target]
#
#   all     (default) the four WebAssembly builds: threads or single, with and without relaxed SIMD
#   types   build/types, declarations for TypeScript
#   demo    stylises a sample at 256 px and prints where the picture is
#   test    every test: test-native, test-wasm, test-node, test-browser and fuzz, then one line of totals
#   site    build/site, a folder for any static host
#   serve   the site on this machine, with the headers threads need
#   fuzz    every fuzz target for ten seconds; for longer: make -f emscripten.mk fuzz SECONDS=600
#   check   types of the JavaScript in src and web, and lint
#   lib     build/lib/libstrotss.a for programs in C and C++, by cc (CC=clang for another compiler)
#   install header, library and strotss.pc under PREFIX (/usr/local)
#   bench   ratios against peers
#   clean   removes build/
#   help    prints these lines; V=1 shows the commands
#
# Each target first tries what it needs: Node, Emscripten, clang and Chromium. What is missing or does not work comes
# through apt where that is allowed; elsewhere one command to type is printed. npm packages come by `npm ci`.
# Works with Emscripten 3.1.6 (Debian 12) up to current SDKs, and Node >= 20.

SHELL := bash
quiet = $(if $(V),,@echo '  $@'; )
MAKEFLAGS += --no-builtin-rules
.DELETE_ON_ERROR:
.PHONY: all types demo test test-native test-wasm test-node test-browser fuzz check site serve lib install bench clean
.PHONY: help
.PHONY: need-emcc need-clang need-chromium need-node
all:

# ---- sources, named once ---------------------------------------------------------------------------------------------

# Each folder of src with C in it is a room of docs/architecture.md.
sources   := $(filter-out %_reference.c,$(wildcard src/*/*.c src/*/*/*.c))
engine    := $(filter-out src/wasm/%,$(sources))
reference := $(wildcard src/kernels/*_reference.c)
tests     := $(wildcard tests/c/test_*.c)
test_names := $(tests:tests/c/%.c=%)
fuzz_names := $(patsubst tests/fuzz/%.c,%,$(wildcard tests/fuzz/fuzz_*.c))
parsers    := $(wildcard src/picture/*.c) src/network/weights.c src/base/digest.c src/engine/run_state.c

# ---- flags -----------------------------------------------------------------------------------------------------------

common := -std=c11 -Wall -Wextra -Werror -Isrc -Isrc/include -isystem src/vendor -MMD -MP
wasm   := $(common) -O3 -msimd128
native := $(common) -O2 -g -pthread -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=undefined
fuzzed := $(native) -fsanitize=fuzzer-no-link -DFUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION

# Asked for when a recipe first needs it, since that recipe's target may just have installed it.
emcc_version = \
  $(eval emcc_version := $$(shell emcc --version | sed -nE '1s/.* ([0-9]+\.[0-9]+\.[0-9]+).*/\1/p'))$(emcc_version)
older_than = $(filter $(emcc_version),$(firstword $(shell printf '%s\n' $(emcc_version) $(1) | sort -V)))
# TOTAL_STACK became STACK_SIZE in 3.1.25; since about then Node's handlers are off unless asked for.
link_by_version = \
  $(if $(call older_than,3.1.24),-sTOTAL_STACK=1MB -sNODEJS_CATCH_EXIT=0 -sNODEJS_CATCH_REJECTION=0,-sSTACK_SIZE=1MB)

# UMD glue, since 3.1.6's ES6 glue fails in Node; the last line makes it loadable by import() too. Memory comes from
# JavaScript, which tries several maxima (src/api/worker/wasm.js); it grows by what is asked for and no more.
link := -O3 -msimd128 -sMODULARIZE -sEXPORT_NAME=createStrotss --no-entry -sFILESYSTEM=0 -sENVIRONMENT=node,worker \
  -sIMPORTED_MEMORY -sINITIAL_MEMORY=16MB -sALLOW_MEMORY_GROWTH -sMAXIMUM_MEMORY=4GB -sMEMORY_GROWTH_GEOMETRIC_STEP=0 \
  -sEXPORTED_FUNCTIONS=_malloc,_free \
  -sINCOMING_MODULE_JS_API=wasmBinary,wasmMemory,instantiateWasm,locateFile,mainScriptUrlOrBlob,print,printErr,onAbort \
  -Wno-pthreads-mem-growth --extern-post-js src/wasm/glue_export.js

threads_flags := -pthread
threads_link  := -pthread -sPTHREAD_POOL_SIZE='Module["poolSize"]'
single_flags  :=
single_link   :=

# The threads' script, which newer Emscripten does without, is there always, since bundlers look for it; and it is made
# longer than the 4 kB below which they turn a file into a data: URL, from which no thread can be started.
threads_script = f=$(@:.js=.worker.js); touch $$f; cat src/wasm/threads_prefix.js $$f > $$f.tmp; \
  printf '\n/*%4096s*/\n' >> $$f.tmp; mv $$f.tmp $$f
single_script  = :

export DEBIAN_FRONTEND := noninteractive

# Debian's emcc looks for acorn in Node's old global folder, which may only come with it during this very run.
export NODE_PATH := /usr/share/nodejs$(if $(NODE_PATH),:$(NODE_PATH))

# Under npm, emcc 3.1.6 would pick up node_modules' wasm-opt and make glue that does not fit its wasm.
empty :=
comma := ,
export PATH := $(subst $(empty) $(empty),:,$(filter-out %/node_modules/.bin,$(subst :, ,$(PATH))))

# Debian's emscripten brings Node 18, which may stand before a newer one in PATH: the newest goes first.
newest_node := $(shell type -ap node | while read -r n; do echo "$$("$$n" -p process.versions.node) $$n"; done | \
  sort -s -V -r -k1,1 | sed -n '1s/^[^ ]* //p')
ifneq ($(newest_node),$(shell command -v node))
export PATH := $(dir $(newest_node)):$(PATH)
endif

# ---- what is missing -------------------------------------------------------------------------------------------------

# Each trial does what will be asked of the tool, since a command that exists may still lack what it needs: apt's
# emscripten brings a clang without its sanitizers. A trial works in build/trial, in a folder of its own.
try_node  = node -e 'process.exit(Number(parseInt(process.versions.node) < 20))' && npm --version
try_emcc  = emcc --version | sed -nE '1s/.* ([0-9]+\.[0-9]+\.[0-9]+).*/\1\n3.1.6/p' | sort -V -r -C && \
  emcc -O1 empty.c -o empty.js
try_clang = $(CLANG) -fsanitize=address,undefined empty.c -o empty && ./empty && \
  $(CLANG) -fsanitize=address,fuzzer target.c -o target && ./target -runs=1
try_chromium = node $(CURDIR)/tests/browser/find_chromium.mjs

sudo = $(if $(filter 0,$(shell id -u)),,sudo )
apt = $(sudo)apt-get install -y --no-install-recommends
# One command per tool: for apt, which is tried here, and for those who have another package manager.
apt_node  = $(if $(shell command -v npm),,$(apt) npm && )$(sudo)npm install --global node@22
apt_emcc  = $(apt) emscripten
apt_clang = $(apt) $(clang_packages)
apt_chromium = $(apt) chromium
dnf_node  = $(sudo)dnf install -y nodejs npm
dnf_emcc  = $(sudo)dnf install -y emscripten
dnf_clang = $(sudo)dnf install -y clang compiler-rt
dnf_chromium = $(sudo)dnf install -y chromium
brew_node  = brew install node
brew_emcc  = brew install emscripten
brew_clang = brew install llvm && export PATH="$$(brew --prefix llvm)/bin:$$PATH"
brew_chromium = brew install --cask google-chrome

# Its sanitizers are a package of the same version.
CLANG ?= $(firstword $(foreach c,clang-14 clang,$(if $(shell command -v $(c)),$(c))) clang-14)
clang_version = $(or $(shell $(CLANG) -dumpversion 2>/dev/null | cut -d. -f1),14)
clang_packages = clang-$(clang_version) libclang-rt-$(clang_version)-dev

# $(1) node, emcc, clang or chromium; $(2) what it is called
define need
@mkdir -p build/trial/$(1) && cd build/trial/$(1); \
echo 'int main(void) { return 0; }' > empty.c; \
echo 'int LLVMFuzzerTestOneInput(const char *b, long n) { (void)b; (void)n; return 0; }' > target.c; \
try() { { $(try_$(1)); } > log 2>&1; }; \
try && exit 0; \
if command -v apt-get >/dev/null && { [ "$$(id -u)" = 0 ] || sudo -n true 2>/dev/null; }; then \
  exec 9> ../apt.lock && flock 9; \
  try && exit 0; \
  echo 'installing: $(apt_$(1))' >&2; \
  { $(sudo)apt-get update && $(apt_$(1)); } >&2; \
  hash -r; try && exit 0; \
fi; \
cat log >&2; \
for manager in apt-get dnf brew; do command -v $$manager >/dev/null && break; done; \
case $$manager in dnf) how='$(dnf_$(1))';; brew) how='$(brew_$(1))';; *) how='$(apt_$(1))';; esac; \
echo "$(2) is missing or does not work. Type: $$how" >&2; \
exit 1
endef

need-node:
	$(call need,node,Node 20 or later with npm)
need-emcc: need-node
	$(call need,emcc,Emscripten 3.1.6 or later)
need-clang:
	$(call need,clang,Clang with its sanitizers and libFuzzer)
need-chromium: need-node
	$(call need,chromium,Chromium)

node_modules/.package-lock.json: package.json package-lock.json | need-node
	npm ci --no-audit --no-fund
	@touch $@

# ---- WebAssembly -----------------------------------------------------------------------------------------------------

builds := threads single
all: $(foreach b,$(builds),build/wasm/strotss-$(b).js build/wasm/strotss-$(b)-relaxed.wasm) build/wasm/package.json

define build_rules
build/obj/$(1)/%.o: src/%.c emscripten.mk | need-emcc
	@mkdir -p $$(@D)
	$$(quiet)emcc $$(if $$(filter src/vendor/%,$$<),$$(filter-out -W%,$$(wasm)) -w,$$(wasm)) $$($(1)_flags) -c $$< -o $$@
build/obj/$(1)/tests/%.o: tests/c/%.c emscripten.mk | need-emcc
	@mkdir -p $$(@D)
	$$(quiet)emcc $$(wasm) -Itests/c $$($(1)_flags) -c $$< -o $$@
build/wasm/strotss-$(1).js: $$(sources:src/%.c=build/obj/$(1)/%.o) src/wasm/glue_export.js src/wasm/threads_prefix.js
	@mkdir -p $$(@D) && rm -f $$(@:.js=.worker.js)
	$$(quiet)emcc $$(link) $$(link_by_version) $$($(1)_link) $$(filter %.o,$$^) -o $$@
	@$$($(1)_script)
build/wasm/strotss-$(1)-relaxed.wasm: build/wasm/strotss-$(1).js src/kernels/relax.mjs node_modules/.package-lock.json
	node src/kernels/relax.mjs build/wasm/strotss-$(1).wasm $$@
endef
$(foreach b,$(builds),$(eval $(call build_rules,$(b))))

# The glue is CommonJS inside a package of ES modules.
build/wasm/package.json:
	@mkdir -p $(@D)
	@echo '{ "type": "commonjs" }' > $@

# Declarations for TypeScript, from the comments.
types: build/types/api/index.node.d.mts
build/types/api/index.node.d.mts: $(wildcard src/api/*.*js src/api/*/*.*js src/guidance/*.js src/tsconfig*.json) node_modules/.package-lock.json
	npm run --silent types
	@touch $@

# ---- C tests, three ways: native under ASan and UBSan, wasm in Node, wasm in Chromium --------------------------------

# test_memory refuses allocations: they pass through it. Not as wasm: Emscripten needs its own malloc by name.
link_memory := $(patsubst %,-Wl$(comma)--wrap=%,malloc calloc realloc aligned_alloc free pthread_create)

build/native/obj/%.o: src/%.c emscripten.mk | need-clang
	@mkdir -p $(@D)
	$(quiet)$(CLANG) $(if $(filter src/vendor/%,$<),$(filter-out -W%,$(native)) -w,$(native)) -c $< -o $@
build/native/obj/tests/%.o: tests/c/%.c emscripten.mk | need-clang
	@mkdir -p $(@D)
	$(quiet)$(CLANG) $(native) -Itests/c -c $< -o $@
build/native/test_%: build/native/obj/tests/test_%.o $(patsubst src/%.c,build/native/obj/%.o,$(engine) $(reference))
	$(quiet)$(CLANG) $(native) $(link_$(*F)) $^ -lm -o $@

build/tests-wasm/test_%.js: build/obj/threads/tests/test_%.o \
    $(patsubst src/%.c,build/obj/threads/%.o,$(engine) $(reference)) \
    src/wasm/glue_export.js | build/tests-wasm/package.json
	$(quiet)emcc -O1 -msimd128 $(link_by_version) -pthread -sPTHREAD_POOL_SIZE=4 -sMODULARIZE \
	  -sEXPORT_NAME=createStrotss -sINVOKE_RUN=0 -sFORCE_FILESYSTEM -sEXPORTED_RUNTIME_METHODS=callMain,FS \
	  -sENVIRONMENT=node,worker -sINITIAL_MEMORY=64MB -sALLOW_MEMORY_GROWTH -sMAXIMUM_MEMORY=4GB \
	  -Wno-pthreads-mem-growth --extern-post-js src/wasm/glue_export.js $(filter %.o,$^) -o $@
build/tests-wasm/test_%-relaxed.wasm: build/tests-wasm/test_%.js src/kernels/relax.mjs node_modules/.package-lock.json
	node src/kernels/relax.mjs build/tests-wasm/test_$*.wasm $@
build/tests-wasm/package.json:
	@mkdir -p $(@D)
	@echo '{ "type": "commonjs" }' > $@

# ---- fuzz targets: libFuzzer sees the way through the parsers; the rest is the native tests' objects -----------------

# fuzz_image fills what it is given: fresh memory passes through it.
link_fuzz_image := $(patsubst %,-Wl$(comma)--wrap=%,malloc realloc)

build/fuzz/obj/%.o: src/%.c emscripten.mk | need-clang
	@mkdir -p $(@D)
	$(quiet)$(CLANG) $(fuzzed) -c $< -o $@
build/fuzz/obj/tests/%.o: tests/fuzz/%.c emscripten.mk | need-clang
	@mkdir -p $(@D)
	$(quiet)$(CLANG) $(fuzzed) -Itests/fuzz -c $< -o $@
build/fuzz/fuzz_%: build/fuzz/obj/tests/fuzz_%.o $(parsers:src/%.c=build/fuzz/obj/%.o) \
    $(patsubst src/%.c,build/native/obj/%.o,$(filter-out $(parsers),$(engine)))
	$(quiet)$(CLANG) $(native) -fsanitize=fuzzer $(link_$(@F)) $^ -lm -o $@

# ---- running the tests -----------------------------------------------------------------------------------------------

SECONDS ?= 10
native_tests := $(test_names:%=build/native/%)
wasm_tests   := $(patsubst %,build/tests-wasm/%.js,$(filter-out test_memory,$(test_names)))
fuzz_targets := $(fuzz_names:%=build/fuzz/%)
# In Chromium, the tests of the kernels and of what rests on them run as the relaxed build.
relaxed_tests := $(patsubst %,build/tests-wasm/test_%-relaxed.wasm,gemm conv vgg16 objective golden)
.SECONDARY:

test: all types $(native_tests) $(fuzz_targets) $(wasm_tests) $(relaxed_tests) \
    node_modules/.package-lock.json site need-chromium
	node tests/run.mjs native wasm node browser fuzz
test-native: $(native_tests) need-node
	node tests/run.mjs native
test-wasm: $(wasm_tests)
	node tests/run.mjs wasm
test-node: all types node_modules/.package-lock.json
	node tests/run.mjs node
test-browser: all $(wasm_tests) $(relaxed_tests) node_modules/.package-lock.json site need-chromium
	node tests/run.mjs browser
fuzz: $(fuzz_targets) node_modules/.package-lock.json
	node tests/run.mjs fuzz --seconds $(SECONDS)
check: node_modules/.package-lock.json
	npm run --silent check
	npm run --silent lint

site: all
	node web/site.mjs build/site
serve: site
	node web/dev_server.mjs build/site

# ---- the library for C -----------------------------------------------------------------------------------------------

PREFIX ?= /usr/local
into = $(DESTDIR)$(PREFIX)
version = $(shell sed -n 's/^\#define STROTSS_VERSION "\(.*\)"/\1/p' src/include/strotss.h)

build/lib/%.o: src/%.c emscripten.mk
	@mkdir -p $(@D)
	$(quiet)$(CC) -std=c11 -O3 -fPIC -pthread $(if $(filter src/vendor/%,$<),-w,-Wall -Wextra -Wpedantic) -MMD -MP \
	  -Isrc -Isrc/include -isystem src/vendor $(CFLAGS) -c $< -o $@
build/lib/libstrotss.a: $(patsubst src/%.c,build/lib/%.o,$(filter-out src/gpu/%,$(engine)))
	@rm -f $@
	$(quiet)$(AR) rcs $@ $^
lib: build/lib/libstrotss.a
install: lib
	mkdir -p $(into)/include $(into)/lib/pkgconfig
	cp src/include/strotss.h $(into)/include/
	cp build/lib/libstrotss.a $(into)/lib/
	sed -e 's|@PREFIX@|$(PREFIX)|' -e 's|@VERSION@|$(version)|' src/include/strotss.pc.in > $(into)/lib/pkgconfig/strotss.pc

# ---- the rest --------------------------------------------------------------------------------------------------------

demo: all
	@mkdir -p build
	node src/cli/strotss.mjs web/samples/cat.jpg web/samples/church-at-auvers.jpg --size 256 -o build/demo.png
	@echo "The picture is $(CURDIR)/build/demo.png"
bench: all node_modules/.package-lock.json
	npm run --silent bench
clean:
	rm -rf build
help:
	@sed -n '3,/^$$/s/^# \{0,1\}//p' emscripten.mk

-include $(wildcard $(foreach d,* */* */*/*,$(foreach b,obj native/obj fuzz/obj lib,build/$(b)/$(d)/*.d)))
