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
#   bench   ratios against peers
#   clean   removes build/
#   help    prints these lines; V=1 shows the commands
#
# Each target first gets what it lacks: Emscripten, clang and Chromium through apt where that is allowed (else it says
# what to install), npm packages by `npm ci`.
# Works with Emscripten 3.1.6 (Debian 12) up to current SDKs, and Node >= 20.

SHELL := bash
quiet = $(if $(V),,@echo '  $@'; )
MAKEFLAGS += --no-builtin-rules
.DELETE_ON_ERROR:
.PHONY: all types demo test test-native test-wasm test-node test-browser fuzz check site serve bench clean help
.PHONY: need-emcc need-clang need-chromium need-node
all:

# ---- sources, named once ---------------------------------------------------------------------------------------------

sources   := $(filter-out %_reference.c,$(wildcard src/engine/*.c src/kernels/*.c src/vendor/*.c))
engine    := $(filter-out src/engine/wasm_api.c,$(sources))
reference := $(wildcard src/kernels/*_reference.c)
tests     := $(wildcard tests/c/test_*.c)
test_names := $(tests:tests/c/%.c=%)
fuzz_names := $(patsubst tests/fuzz/%.c,%,$(wildcard tests/fuzz/fuzz_*.c))
parsers    := $(patsubst %,src/engine/%.c,image encode exif segments weights digest run_state)

# ---- flags -----------------------------------------------------------------------------------------------------------

common := -std=c11 -Wall -Wextra -Werror -Isrc/engine -Isrc/kernels -isystem src/vendor -MMD -MP
wasm   := $(common) -O3 -msimd128
native := $(common) -O2 -g -pthread -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=undefined
fuzzed := $(native) -fsanitize=fuzzer-no-link

# Asked for when a recipe first needs it, since that recipe's target may just have installed it.
emcc_version = \
  $(eval emcc_version := $$(shell emcc --version | sed -nE '1s/.* ([0-9]+\.[0-9]+\.[0-9]+).*/\1/p'))$(emcc_version)
older_than = $(filter $(emcc_version),$(firstword $(shell printf '%s\n' $(emcc_version) $(1) | sort -V)))
# TOTAL_STACK became STACK_SIZE in 3.1.25; since about then Node's handlers are off unless asked for.
link_by_version = \
  $(if $(call older_than,3.1.24),-sTOTAL_STACK=1MB -sNODEJS_CATCH_EXIT=0 -sNODEJS_CATCH_REJECTION=0,-sSTACK_SIZE=1MB)

# UMD glue, since 3.1.6's ES6 glue fails in Node; the last line makes it loadable by import() too. Memory comes from
# JavaScript, which tries several maxima (src/api/wasm.js); it grows by what is asked for and no more.
link := -O3 -msimd128 -sMODULARIZE -sEXPORT_NAME=createStrotss --no-entry -sFILESYSTEM=0 -sENVIRONMENT=node,worker \
  -sIMPORTED_MEMORY -sINITIAL_MEMORY=16MB -sALLOW_MEMORY_GROWTH -sMAXIMUM_MEMORY=4GB -sMEMORY_GROWTH_GEOMETRIC_STEP=0 \
  -sEXPORTED_FUNCTIONS=_malloc,_free \
  -sINCOMING_MODULE_JS_API=wasmBinary,wasmMemory,instantiateWasm,locateFile,mainScriptUrlOrBlob,print,printErr,onAbort \
  -Wno-pthreads-mem-growth --extern-post-js src/api/glue_export.js

threads_flags := -pthread
threads_link  := -pthread -sPTHREAD_POOL_SIZE='Module["poolSize"]'
single_flags  :=
single_link   :=

# Debian's emcc looks for acorn in Node's old global folder, which may only come with it during this very run.
export NODE_PATH := /usr/share/nodejs$(if $(NODE_PATH),:$(NODE_PATH))

# Under npm, emcc 3.1.6 would pick up node_modules' wasm-opt and make glue that does not fit its wasm.
empty :=
comma := ,
export PATH := $(subst $(empty) $(empty),:,$(filter-out %/node_modules/.bin,$(subst :, ,$(PATH))))

# ---- what is missing -------------------------------------------------------------------------------------------------

# $(1) the command, $(2) Debian's packages, $(3) where else to get it
define need
@command -v $(1) >/dev/null && exit 0; \
sudo=; [ "$$(id -u)" = 0 ] || sudo='sudo -n'; \
if command -v apt-get >/dev/null && $$sudo true 2>/dev/null; then \
  echo 'installing $(2)' >&2; \
  { $$sudo apt-get update && \
    DEBIAN_FRONTEND=noninteractive $$sudo apt-get install -y --no-install-recommends $(2); } >&2; \
fi; \
command -v $(1) >/dev/null || { echo '$(1) is missing: install $(3)' >&2; exit 1; }
endef

need-emcc: need-node
	$(call need,emcc,emscripten,Emscripten 3.1.6 or later (https://emscripten.org))
need-clang:
	$(call need,$(CLANG),clang-14 libclang-rt-14-dev,clang with its sanitizers (or name yours: CLANG=...))
need-chromium:
	-$(call need,chromium,chromium,Chromium (the browser tests are skipped without it))
need-node:
	@command -v npm >/dev/null && node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' || \
	{ echo 'Node 20 or later with npm is missing: install it from https://nodejs.org' >&2; exit 1; }

CLANG ?= $(firstword $(foreach c,clang-14 clang,$(if $(shell command -v $(c)),$(c))) clang-14)

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
build/wasm/strotss-$(1).js: $$(sources:src/%.c=build/obj/$(1)/%.o) src/api/glue_export.js
	@mkdir -p $$(@D)
	$$(quiet)emcc $$(link) $$(link_by_version) $$($(1)_link) $$(filter %.o,$$^) -o $$@
build/wasm/strotss-$(1)-relaxed.wasm: build/wasm/strotss-$(1).js src/kernels/relax.mjs node_modules/.package-lock.json
	node src/kernels/relax.mjs build/wasm/strotss-$(1).wasm $$@
endef
$(foreach b,$(builds),$(eval $(call build_rules,$(b))))

# The glue is CommonJS inside a package of ES modules.
build/wasm/package.json:
	@mkdir -p $(@D)
	@echo '{ "type": "commonjs" }' > $@

# Declarations for TypeScript, from the comments.
types: build/types/api/node.d.mts
build/types/api/node.d.mts: $(wildcard src/api/*.js src/api/*.mjs src/tsconfig*.json) node_modules/.package-lock.json
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
    src/api/glue_export.js | build/tests-wasm/package.json
	$(quiet)emcc -O1 -msimd128 $(link_by_version) -pthread -sPTHREAD_POOL_SIZE=4 -sMODULARIZE \
	  -sEXPORT_NAME=createStrotss -sINVOKE_RUN=0 -sFORCE_FILESYSTEM -sEXPORTED_RUNTIME_METHODS=callMain,FS \
	  -sENVIRONMENT=node,worker -sINITIAL_MEMORY=64MB -sALLOW_MEMORY_GROWTH -sMAXIMUM_MEMORY=4GB \
	  -Wno-pthreads-mem-growth --extern-post-js src/api/glue_export.js $(filter %.o,$^) -o $@
build/tests-wasm/test_%-relaxed.wasm: build/tests-wasm/test_%.js src/kernels/relax.mjs node_modules/.package-lock.json
	node src/kernels/relax.mjs build/tests-wasm/test_$*.wasm $@
build/tests-wasm/package.json:
	@mkdir -p $(@D)
	@echo '{ "type": "commonjs" }' > $@

# ---- fuzz targets: libFuzzer sees the way through the parsers; the rest is the native tests' objects -----------------

build/fuzz/obj/%.o: src/%.c emscripten.mk | need-clang
	@mkdir -p $(@D)
	$(quiet)$(CLANG) $(fuzzed) -c $< -o $@
build/fuzz/obj/tests/%.o: tests/fuzz/%.c emscripten.mk | need-clang
	@mkdir -p $(@D)
	$(quiet)$(CLANG) $(fuzzed) -Itests/fuzz -c $< -o $@
build/fuzz/fuzz_%: build/fuzz/obj/tests/fuzz_%.o $(parsers:src/%.c=build/fuzz/obj/%.o) \
    $(patsubst src/%.c,build/native/obj/%.o,$(filter-out $(parsers),$(engine)))
	$(quiet)$(CLANG) $(native) -fsanitize=fuzzer $^ -lm -o $@

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
	node web/serve.mjs build/site

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

-include $(wildcard build/obj/*/*/*.d build/native/obj/*/*.d build/fuzz/obj/*/*.d)
