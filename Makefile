# make help lists the targets.  Knobs: HOST=, SAN=, DEV=1, V=1, CC=, URING=no, STATIC=no.
MAKEFLAGS += -rR --no-print-directory

HOST  ?= linux-$(patsubst armv7%,armhf,$(shell uname -m))
SAN   ?=
URING ?= yes
os    := $(firstword $(subst -, ,$(HOST)))

cc.linux-x86_64    := cc
cc.linux-aarch64   := aarch64-linux-gnu-gcc
cc.linux-armhf     := arm-linux-gnueabihf-gcc
cc.windows-x86_64  := x86_64-w64-mingw32-gcc
ar.linux-aarch64   := aarch64-linux-gnu-ar
ar.linux-armhf     := arm-linux-gnueabihf-ar
ar.windows-x86_64  := x86_64-w64-mingw32-ar
exe.windows        := .exe
run.windows        := WINEDEBUG=-all wine
def.linux          := -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -D_TIME_BITS=64
def.windows        := -D_WIN32_WINNT=0x0A00 -D__USE_MINGW_ANSI_STDIO=1 -D__printf__=__gnu_printf__ -DUNICODE -D_UNICODE
# Static: one folder to copy, and 4 % less of a round trip than with libc.so (measured).
STATIC ?= yes
ldflags.linux      := $(if $(filter yes,$(STATIC)),$(if $(SAN),,-static))
ldflags.windows    := -static
ldlibs.linux        = $(if $(uring),-luring) -lpthread -lm
ldlibs.windows     := -ladvapi32 -lbcrypt -lwinmm -lpowrprof -lntdll -lm

native := linux-$(shell uname -m)
ifneq ($(filter default undefined,$(origin CC)),)
CC := $(if $(filter $(native),$(HOST)),cc,$(or $(cc.$(HOST)),$(error unknown HOST $(HOST): linux-x86_64 linux-aarch64 linux-armhf windows-x86_64)))
endif
ifneq ($(filter default undefined,$(origin AR)),)
AR := $(if $(filter $(native),$(HOST)),ar,$(ar.$(HOST)))
endif
# liburing: here it has to be there; another machine's may be missing.
found_uring = $(findstring /,$(shell $(CC) -print-file-name=liburing.a))
uring := $(if $(filter linux,$(os)),$(if $(filter no,$(URING)),,$(if $(filter $(native),$(HOST)),yes,$(found_uring))))
X     := $(exe.$(os))
RUN   ?= $(run.$(os))
comma := ,
B     := build/$(HOST)$(if $(SAN),-$(subst $(comma),-,$(SAN)))

VERSION  := 0.1.0
CFLAGS   ?= -O2 -g
warnings := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla \
            -Wwrite-strings -Wformat=2 -Wno-format-nonliteral $(if $(DEV),-Werror)
# Counters side by side make no vector: its constant is one more line of memory
# that a program finds cold after every wait (0.8 % of a round trip).
scalar   := -fno-tree-slp-vectorize
all_cflags = -std=c11 $(warnings) $(scalar) $(def.$(os)) $(if $(uring),-DPM_URING) -DPM_VERSION='"$(VERSION)"' -I. -isystem $(B)/include -iquote ipc/$(os) $(CPPFLAGS) $(CFLAGS) \
             $(if $(SAN),-fsanitize=$(SAN) -fno-omit-frame-pointer -fno-sanitize-recover=all)
all_ldflags = $(ldflags.$(os)) $(LDFLAGS) $(if $(SAN),-fsanitize=$(SAN))
all_ldlibs  = $(ldlibs.$(os)) $(LDLIBS)

mains   := bench/pipemark.c bench/producer.c bench/consumer.c
presets := $(sort $(shell find bench/presets -name '*.matrix' 2>/dev/null))
not     := $(if $(uring),ipc/linux/nouring.c,$(wildcard ipc/linux/uring*.c))
lib     := $(sort $(filter-out $(not),$(wildcard ipc/*.c ipc/$(os)/*.c)) $(filter-out $(mains),$(wildcard bench/*.c)))
tests   := $(sort $(wildcard tests/unit/*_test.c tests/conform/*_test.c tests/$(os)/*_test.c))
support := $(sort $(wildcard tests/support/*.c))
objs     = $(patsubst %.c,$(B)/%.o,$(1))
lib_objs := $(call objs,$(lib)) $(B)/presets.o
lib_a    := $(B)/libpipemark.a
bins    := $(addprefix $(B)/bin/,$(addsuffix $(X),pipemark pipemark-producer pipemark-consumer))
tbins   := $(tests:%.c=$(B)/%$(X))

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SECONDARY:
.SUFFIXES:
Q := $(if $(V),,@)

objects: $(lib_objs)
.PHONY: all objects tests setup clean help FORCE
all: $(bins)                                  ## build the three programs

$(B)/bin/pipemark$(X):          $(B)/bench/pipemark.o
$(B)/bin/pipemark-producer$(X): $(B)/bench/producer.o
$(B)/bin/pipemark-consumer$(X): $(B)/bench/consumer.o
$(bins): $(lib_a)
	@mkdir -p $(@D)
	$(if $(V),,@echo '  LD    $@')
	$(Q)$(CC) $(all_cflags) $(all_ldflags) -o $@ $(filter %.o,$^) $(lib_a) $(all_ldlibs)

tests: $(bins) $(tbins)                       ## build the C tests
$(tbins): $(B)/%$(X): $(B)/%.o $(call objs,$(support)) $(lib_a)
	$(if $(V),,@echo '  LD    $@')
	$(Q)$(CC) $(all_cflags) $(all_ldflags) -o $@ $(filter %.o,$^) $(lib_a) $(all_ldlibs)

$(lib_a): $(lib_objs)
	$(Q)rm -f $@ && $(AR) qcs $@ $^

$(B)/%.o: %.c $(B)/flags
	@mkdir -p $(@D)
	$(if $(V),,@echo '  CC    $<')
	$(Q)$(CC) $(all_cflags) -MMD -MP -c -o $@ $<

$(B)/presets.o: $(B)/presets.c $(B)/flags
	$(Q)$(CC) $(all_cflags) -c -o $@ $<

# A header alone, from the build machine's own folder whatever the host is.
JSMN ?= /usr/include/jsmn.h
$(B)/bench/json_read.o: $(B)/include/jsmn.h
$(B)/include/jsmn.h:
	@mkdir -p $(@D)
	$(Q)cp $(JSMN) $@ || { echo 'jsmn.h is missing: make setup, or JSMN=FILE' >&2; exit 1; }

# Matrix files become strings of the program.
$(B)/presets.c: $(presets) scripts/embed-presets $(B)/flags
	@mkdir -p $(@D)
	$(Q)scripts/embed-presets bench/presets $(presets) > $@

# Rebuild everything when the compiler or its flags change.
$(B)/flags: FORCE
	@mkdir -p $(@D)
	@printf '%s\n' '$(CC) $(subst ','\'',$(all_cflags) $(all_ldflags) $(all_ldlibs))' > $@.new; \
	 if cmp -s $@.new $@; then rm -f $@.new; else mv $@.new $@; fi

# Beside other goals, setup comes first, with -j too.
ifneq ($(filter setup,$(MAKECMDGOALS)),)
$(filter-out setup,$(MAKECMDGOALS)) $(B)/flags: | setup
endif

setup:                                        ## install what the goals beside it need (setup bench, setup test)
	@HOST=$(HOST) URING=$(URING) scripts/setup $(filter-out setup,$(MAKECMDGOALS))

bench: all                                    ## measure the default matrix into reports/<UTC>-<host>/
	@scripts/bench $(B)/bin/pipemark$(X)

sample: all                                   ## measure reports/sample/ anew: result, report and the README's pictures
	@scripts/sample $(B)/bin/pipemark$(X)

# What CI runs: Linux, sanitizers, Windows under Wine, both ARMs, scripts.
san := build/linux-x86_64-address-undefined
win := build/windows-x86_64
test: lint                                    ## every test that fits into minutes, on Linux and under Wine
	@$(MAKE) DEV=1 HOST=linux-x86_64 tests
	@$(MAKE) DEV=1 HOST=linux-x86_64 SAN=address,undefined tests
	@$(MAKE) DEV=1 HOST=windows-x86_64 tests
	@$(MAKE) DEV=1 HOST=linux-aarch64 tests
	@$(MAKE) DEV=1 HOST=linux-armhf tests
	@$(MAKE) DEV=1 HOST=linux-x86_64 CC=clang B=build/clang all
	@tests/run c c:$(san) arm:build/linux-armhf arm:build/linux-aarch64 c:$(win)+py e2e e2e:$(win)

test-san:                                     ## the C tests under AddressSanitizer and UBSan
	@$(MAKE) DEV=1 HOST=linux-x86_64 SAN=address,undefined tests
	@tests/run c:$(san)

test-windows:                                 ## the C and end-to-end tests of the Windows build, under Wine
	@$(MAKE) DEV=1 HOST=windows-x86_64 tests
	@tests/run c:$(win) e2e:$(win)

test-long:                                    ## the tests that take longer: kills, campaigns, valgrind, ThreadSanitizer
	@$(MAKE) DEV=1 HOST=linux-x86_64 tests
	@$(MAKE) DEV=1 HOST=windows-x86_64 tests
	@$(MAKE) DEV=1 HOST=linux-x86_64 SAN=thread tests
	@$(MAKE) DEV=1 HOST=linux-x86_64 STATIC=no B=build/shared tests
	@tests/run long long:$(win)

# FUZZ=past, knob, matrix, set, control, hello or lines; the corpus grows in build/fuzz, what is worth keeping goes to tests/fuzz/corpus.
FUZZ         ?= past
FUZZ_SECONDS ?= 60
fuzz:                                         ## run a fuzz target under libFuzzer (clang): FUZZ=past FUZZ_SECONDS=60
	@mkdir -p build/fuzz/$(FUZZ)
	@$(MAKE) CC=clang SAN=fuzzer-no-link,address,undefined B=build/fuzz/objects build/fuzz/objects/libpipemark.a
	$(Q)clang -std=c11 -g -O1 $(def.linux) -I. -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all \
	    -isystem build/fuzz/objects/include -o build/fuzz/$(FUZZ)_fuzz tests/fuzz/$(FUZZ)_fuzz.c \
	    build/fuzz/objects/libpipemark.a $(ldlibs.linux)
	build/fuzz/$(FUZZ)_fuzz -max_total_time=$(FUZZ_SECONDS) build/fuzz/$(FUZZ) tests/fuzz/corpus/$(FUZZ)

TIME ?= 30min
soak: all                                     ## memory, handles and latency over TIME=30min: flat, or exit 1
	@/usr/bin/env python3 scripts/soak.py $(B)/bin/pipemark$(X) $(TIME)

overhead: all                                 ## pipemark's loops against bare ones, interleaved
	@mkdir -p $(B)/overhead
	@for p in stream pingpong; do \
	    $(CC) -O2 -Wall -o $(B)/overhead/bare_$$p tests/overhead/bare_$$p.c || exit 1; done
	@$(CC) -O2 -Wall -o $(B)/overhead/peers tests/overhead/peers.c
	@$(CC) -O2 -Wall -o $(B)/overhead/bare_splice tests/overhead/bare_splice.c
	@/usr/bin/env python3 scripts/overhead.py $(B) $(OVERHEAD)
	@/usr/bin/env python3 scripts/overhead_engines.py $(B) $(OVERHEAD)

prove-gate: all                               ## versus against itself and against a real delay, many times (over an hour)
	@PIPEMARK=$(B)/bin/pipemark$(X) scripts/prove-gate $(PROVE)

prove-choose: all                             ## choose against an exhaustive measurement (about half an hour)
	@PIPEMARK=$(B)/bin/pipemark$(X) scripts/prove-choose $(PROVE)

lint:                                         ## include rule, headers alone, cppcheck, shellcheck
	@tests/lint

format:                                       ## clang-format over the C sources
	clang-format -i $(shell git ls-files '*.c' '*.h')

docs: all                                     ## write the generated documents anew
	$(RUN) $(B)/bin/pipemark$(X) list knobs --markdown > reports/KNOBS.md

PREFIX  ?= /usr/local
DESTDIR ?=
libexec := $(DESTDIR)$(PREFIX)/libexec/pipemark
install: all                                  ## into PREFIX (/usr/local), below DESTDIR
	install -d $(DESTDIR)$(PREFIX)/bin $(libexec) $(DESTDIR)$(PREFIX)/share/doc/pipemark
	install -m 755 $(bins) $(DESTDIR)$(PREFIX)/bin/
	install -m 644 README.md LICENSE reports/FORMAT.md reports/KNOBS.md $(DESTDIR)$(PREFIX)/share/doc/pipemark/
	cp -R scripts/pipemark $(libexec)/
	find $(libexec) -name __pycache__ -prune -exec rm -rf {} +
	for f in scripts/pipemark-*; do install -m 755 $$f $(libexec)/; \
	    ln -sf ../libexec/pipemark/$$(basename $$f) $(DESTDIR)$(PREFIX)/bin/; done

uninstall:                                    ## the opposite of install
	for f in $(notdir $(bins)) $(notdir $(wildcard scripts/pipemark-*)); do rm -f $(DESTDIR)$(PREFIX)/bin/$$f; done
	rm -rf $(libexec) $(DESTDIR)$(PREFIX)/share/doc/pipemark

dist: all                                     ## one folder of small programs to copy to a target machine
	mkdir -p build/dist/pipemark-$(VERSION)-$(HOST)
	cp $(bins) README.md LICENSE build/dist/pipemark-$(VERSION)-$(HOST)/
	tar -C build/dist -czf build/dist/pipemark-$(VERSION)-$(HOST).tar.gz pipemark-$(VERSION)-$(HOST)

.PHONY: setup bench sample test test-san test-windows test-long fuzz soak overhead prove-gate prove-choose lint format docs dist install uninstall

clean:                                        ## remove build/
	rm -rf build

help:                                         ## this list
	@sed -n 's/^\([a-z-]*\):[^#]*## /  \1\t/p' Makefile | expand -t 20

-include $(shell find $(B) -name '*.d' 2>/dev/null)
