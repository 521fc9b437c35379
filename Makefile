# make help lists the targets.  Knobs: HOST=, SAN=, DEV=1, V=1, CC=, URING=no.
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
def.windows        := -D_WIN32_WINNT=0x0A00 -D__USE_MINGW_ANSI_STDIO=1 -DUNICODE -D_UNICODE
ldflags.windows    := -static
ldlibs.linux       := -lpthread -lm
ldlibs.windows     := -ladvapi32 -lbcrypt -lwinmm -lpowrprof -lm

native := linux-$(shell uname -m)
ifneq ($(filter default undefined,$(origin CC)),)
CC := $(if $(filter $(native),$(HOST)),cc,$(or $(cc.$(HOST)),$(error unknown HOST $(HOST): linux-x86_64 linux-aarch64 linux-armhf windows-x86_64)))
endif
ifneq ($(filter default undefined,$(origin AR)),)
AR := $(if $(filter $(native),$(HOST)),ar,$(ar.$(HOST)))
endif
X     := $(exe.$(os))
RUN   ?= $(run.$(os))
comma := ,
B     := build/$(HOST)$(if $(SAN),-$(subst $(comma),-,$(SAN)))

VERSION  := 0.1.0
CFLAGS   ?= -O2 -g
warnings := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla \
            -Wwrite-strings -Wformat=2 -Wno-format-nonliteral $(if $(DEV),-Werror)
all_cflags = -std=c11 $(warnings) $(def.$(os)) -DPM_VERSION='"$(VERSION)"' -I. -iquote ipc/$(os) $(CPPFLAGS) $(CFLAGS) \
             $(if $(SAN),-fsanitize=$(SAN) -fno-omit-frame-pointer -fno-sanitize-recover=all)
all_ldflags = $(ldflags.$(os)) $(LDFLAGS) $(if $(SAN),-fsanitize=$(SAN))
all_ldlibs  = $(ldlibs.$(os)) $(LDLIBS)

mains   := bench/pipemark.c bench/producer.c bench/consumer.c
presets := $(sort $(shell find bench/presets -name '*.matrix' 2>/dev/null))
lib     := $(sort $(wildcard ipc/*.c ipc/$(os)/*.c) $(filter-out $(mains),$(wildcard bench/*.c)))
tests   := $(sort $(wildcard tests/unit/*_test.c tests/conform/*_test.c))
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
	$(Q)$(CC) $(all_cflags) $(all_ldflags) -o $@ $^ $(all_ldlibs)

tests: $(bins) $(tbins)                       ## build the C tests
$(tbins): $(B)/%$(X): $(B)/%.o $(call objs,$(support)) $(lib_a)
	$(if $(V),,@echo '  LD    $@')
	$(Q)$(CC) $(all_cflags) $(all_ldflags) -o $@ $^ $(all_ldlibs)

$(lib_a): $(lib_objs)
	$(Q)rm -f $@ && $(AR) rcs $@ $^

$(B)/%.o: %.c $(B)/flags
	@mkdir -p $(@D)
	$(if $(V),,@echo '  CC    $<')
	$(Q)$(CC) $(all_cflags) -MMD -MP -c -o $@ $<

$(B)/presets.o: $(B)/presets.c $(B)/flags
	$(Q)$(CC) $(all_cflags) -c -o $@ $<

# Matrix files become strings of the program.
$(B)/presets.c: $(presets) scripts/embed-presets $(B)/flags
	@mkdir -p $(@D)
	$(Q)scripts/embed-presets bench/presets $(presets) > $@

# Rebuild everything when the compiler or its flags change.
$(B)/flags: FORCE
	@mkdir -p $(@D)
	@printf '%s\n' '$(CC) $(subst ','\'',$(all_cflags) $(all_ldflags) $(all_ldlibs))' > $@.new; \
	 if cmp -s $@.new $@; then rm -f $@.new; else mv $@.new $@; fi

setup:                                        ## install what the goals beside it need
	@scripts/setup $(filter-out setup,$(MAKECMDGOALS))

clean:                                        ## remove build/
	rm -rf build

help:                                         ## this list
	@sed -n 's/^\([a-z-]*\):[^#]*## /  \1\t/p' Makefile | expand -t 20

-include $(shell find $(B) -name '*.d' 2>/dev/null)
