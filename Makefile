# make               builds the examples
# make run           runs every example and shows what it does
# make test          builds and runs all tests; ends with "N passed, 0 failed".  SAN=1 builds with -fsanitize=address,undefined,
#                    SAN=memory with -fsanitize=memory (needs CC=clang),
#                    SUITES="unit random" runs these (tests/run.sh names them)
# make conformance   only the twins of asyncio programs, against CPython's traces
# make fuzz         random programs against CPython 3.13 or later, and against the twin of what asyncio has not; N=20000 for more,
#                    BLOCKS=500 and BEYOND=20000 for the other two kinds, SEED=1 to repeat a run, MINUTES=60 to end it by then
# make header       the header alone, with every compiler and language version that is installed
# make test-net      the programs of examples/net against real servers and peers on loopback, and with failing system calls (needs python3;
#                    nginx-light and redis-server for some)
# make test-adapters the adapters against what they adapt to: nginx, Redis, PostgreSQL, SQLite, libuv, GLib, as far as they are installed
# make test-threads  the tests with threads under ThreadSanitizer
# make test-gdb      what examples/debug/aiot-gdb.py shows of stopped programs and core files (needs gdb; qemu-system-arm for some)
# make mutation      do the tests notice 500 small faults in the header? An hour; N=50 for fewer, SEED=2 for others, AGAIN=1 for those only that
#                    the last run did not notice (needs tcc, python3)
# make mcu           the microcontrollers' examples and all twins in emulators, the adapters, the figures; STRICT=1: nothing is left out
# make portability   other byte orders, C libraries, compilers and Windows, as far as they are installed; STRICT=1 likewise
# make coverage      the lines and branches of the header that no test runs; fails below the floor; RAISE=1 raises that (needs gcc, python3)
# make size          what the header costs: sizeof, and text at -Os
# make docs          the header's comments as manual pages and as one page of HTML, in build/docs (needs python3)
# make pages         every link, block of C and promise in the Markdown pages (needs python3)
# make install       the header, its manual pages, a pkg-config file and the licence; PREFIX=/usr/local, DESTDIR; make uninstall
# make bench         the benchmarks, beside the peers that are installed; ten minutes (needs hyperfine, python3)
# make bench-quick   our figures that have a goal or are known, in under a minute; fails when one is far over both
# make bench-net     a line server beside the same server by hand, with libuv, threads, asyncio; four minutes (needs Linux, python3)
# make bench-count   instructions of the hot paths, with ceilings (needs valgrind)
# make plots         plots of the last make bench and bench-net, into bench/results (needs gnuplot)
# make help          this list
# make oracle        reruns the Python side of the twins on an installed CPython 3.13 or later, or on $PYODIDE under node
CC     ?= cc
BUILD  ?= build
SUITES ?= basics unit bad conformance random
MAKEFLAGS += -j$(shell nproc 2>/dev/null || echo 2)

WARNINGS = -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wstrict-prototypes -Wundef -Wvla -Werror
ifeq ($(SAN),memory)
SANITIZE = -fsanitize=memory -fno-sanitize-recover=all -fno-omit-frame-pointer
override BUILD := $(BUILD)/memory
else ifdef SAN
SANITIZE = -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
override BUILD := $(BUILD)/san
CFLAGS ?= -O0
endif
CFLAGS ?= -O1
COMPILE = $(CC) -std=c11 $(CFLAGS) $(SANITIZE) $(WARNINGS) -I. -Iexamples/asyncio -Itests/unit

BASICS  := $(patsubst %.c,$(BUILD)/%,$(sort $(wildcard examples/basics/*.c)))
RECIPES := $(patsubst %.c,$(BUILD)/%,$(sort $(wildcard examples/cookbook/*.c)))
VIRTUAL := $(patsubst examples/%.c,$(BUILD)/tests/%,$(sort $(wildcard examples/basics/*.c examples/cookbook/*.c)))
NET     := $(patsubst %.c,$(BUILD)/%,$(sort $(wildcard examples/net/*.c)))
ASYNCIO := $(patsubst %.c,$(BUILD)/%,$(sort $(wildcard examples/asyncio/*.c)))
TWINS   := $(patsubst %.c,$(BUILD)/%,$(sort $(wildcard tests/conformance/*.c)))
FUZZ    := $(patsubst %,$(BUILD)/tests/fuzz/%,aiot_side aiot_side_small aiot_side_ticks aiot_side_skips)
UNIT    := $(patsubst %.c,$(BUILD)/%,$(sort $(wildcard tests/unit/*.c)))
ifeq ($(SLOW),0)
UNIT    := $(filter-out %/interrupts %/interrupts_small,$(UNIT))
endif

.PHONY: all help FORCE tests run test conformance fuzz header docs pages install uninstall test-net test-adapters test-threads test-gdb mutation mcu portability coverage size bench bench-quick bench-count bench-net plots oracle clean
all: $(BASICS) $(RECIPES) $(NET) $(ASYNCIO)
help:
	@sed -n 's/^# \{0,1\}//p' Makefile
tests: all $(VIRTUAL) $(TWINS) $(UNIT) $(FUZZ)
basics := $(BASICS) $(RECIPES) $(VIRTUAL)
unit := $(UNIT)
conformance := $(ASYNCIO) $(TWINS)
random := $(FUZZ)

# A target is there when it is complete: it is made under a name of its shell's, and then renamed.  So a make that was killed at any moment
# leaves nothing that the next one takes for built, and what it had started does not write into the next one's files.
.DELETE_ON_ERROR:
INTO_TARGET = -o $@.$$$$ && mv $@.$$$$ $@

# Another compiler, or other flags, build anew.
$(BUILD)/command: FORCE
	@mkdir -p $(@D)
	@echo '$(COMPILE) $(LDLIBS)' | cmp -s - $@ || echo '$(COMPILE) $(LDLIBS)' >$@

$(BUILD)/%: %.c $(BUILD)/command aio_timeout.h $(wildcard examples/asyncio/*.h tests/unit/*.h tests/unit/kqueue/*.h)
	@mkdir -p $(@D)
	@$(COMPILE) $< $(LDLIBS) $(INTO_TARGET)

$(BUILD)/examples/net/echo $(BUILD)/examples/net/health $(BUILD)/examples/net/cached: LDLIBS += -pthread
$(NET): $(wildcard examples/adapters/*.h examples/net/*.h)
$(BUILD)/examples/net/cached: LDLIBS += $(shell pkg-config --exists hiredis 2>/dev/null && echo -DWITH_REDIS -lhiredis) \
    $(shell pkg-config --exists sqlite3 2>/dev/null && echo -DWITH_SQLITE -lsqlite3)
$(BUILD)/tests/unit/testing $(BUILD)/tests/unit/threads $(BUILD)/tests/unit/threads_and_signals $(BUILD)/tests/unit/forks $(BUILD)/tests/unit/forks_2 $(BUILD)/tests/unit/kqueue_forks: LDLIBS += -pthread
$(BUILD)/tests/unit/kqueue_%: COMPILE += -Itests/unit/kqueue

# The options that a program defines itself have to be known before that.
$(BUILD)/tests/%: examples/%.c $(BUILD)/command tests/virtual_time.h aio_timeout.h
	@mkdir -p $(@D)
	@$(COMPILE) $$(sed -n 's/^#define \(AIOT_[A-Z_]*\) \([0-9]*\)$$/-D\1=\2/p' $<) -include tests/virtual_time.h $< $(LDLIBS) $(INTO_TARGET)

$(BUILD)/tests/fuzz/aiot_side_small: tests/fuzz/aiot_side.c $(BUILD)/command aio_timeout.h
	@mkdir -p $(@D)
	@$(COMPILE) -DAIOT_SMALL=1 $< $(LDLIBS) $(INTO_TARGET)

$(BUILD)/tests/fuzz/aiot_side_ticks: tests/fuzz/aiot_side.c $(BUILD)/command aio_timeout.h
	@mkdir -p $(@D)
	@$(COMPILE) -DAIOT_DEBUG=1 -DAIOT_TIME_BITS=16 -DAIOT_TICKS_PER_S=3000 -DBEGINS=32763 $< $(LDLIBS) $(INTO_TARGET)

$(BUILD)/tests/fuzz/aiot_side_skips: tests/fuzz/aiot_side.c $(BUILD)/command aio_timeout.h
	@mkdir -p $(@D)
	@$(COMPILE) -DAIOT_TIME_BITS=32 -DAIOT_TICKS_PER_S=100000 -DBEGINS=2147483642 -DOWN_CLOCK $< $(LDLIBS) $(INTO_TARGET)

run: $(BASICS) $(RECIPES) $(ASYNCIO)
	@for program in $(BASICS) $(RECIPES) $(ASYNCIO); do echo "== $$program"; $$program || exit 1; done

test: $(foreach suite,$(SUITES),$($(suite)))
	@CC="$(CC)" SLOW="$(SLOW)" tests/run.sh $(BUILD) $(SUITES)

conformance: $(ASYNCIO) $(TWINS)
	@tests/run.sh $(BUILD) conformance

fuzz: $(FUZZ)
	@CC="$(CC)" SANITIZE="$(SANITIZE)" N="$(N)" BLOCKS="$(BLOCKS)" BEYOND="$(BEYOND)" tests/fuzz/run.sh $(BUILD)

header:
	@tests/header.sh

test-net: $(NET)
	@tests/net/run.sh $(BUILD)

test-adapters:
	@CC="$(CC)" tests/adapters/run.sh

test-threads:
	@tests/threads/run.sh

test-gdb:
	@CC="$(CC)" tests/debug/run.sh

mutation:
	@python3 tests/mutation/mutation.py $(if $(N),N=$(N)) $(if $(SEED),SEED=$(SEED)) $(if $(FUNCTION),FUNCTION=$(FUNCTION)) $(if $(AGAIN),--again)

mcu:
	@tests/mcu/all.sh

portability:
	@CC="$(CC)" tests/portability.sh $(BUILD)

coverage:
	@RAISE="$(RAISE)" MAKEFLAGS= tests/coverage/run.sh $(BUILD)

size:
	@CC="$(CC)" tests/size.sh $(BUILD)

# With others asked for on one command line, benchmarks come last and one after the other: two at a time would measure each other.
BENCHES = bench bench-quick bench-count bench-net plots
$(BENCHES): | $(filter-out $(BENCHES),$(MAKECMDGOALS))
bench-quick: | $(filter bench,$(MAKECMDGOALS))
bench-count: | $(filter bench bench-quick,$(MAKECMDGOALS))
bench-net: | $(filter bench bench-quick bench-count,$(MAKECMDGOALS))
plots: | $(filter bench bench-quick bench-count bench-net,$(MAKECMDGOALS))

bench:
	@CC="$(CC)" bench/run.sh $(BUILD)

bench-quick:
	@CC="$(CC)" bench/quick.sh $(BUILD)

bench-count:
	@CC="$(CC)" bench/count.sh $(BUILD)

bench-net:
	@CC="$(CC)" WARNINGS="$(WARNINGS)" bench/net/net.sh $(BUILD)

plots:
	@bench/plot.sh $(BUILD)
	@[ ! -e $(BUILD)/bench/net.csv ] || bench/net/plot.sh $(BUILD)
	@CC="$(CC)" bench/lanes.sh >bench/results/first-program.svg

docs:
	@python3 tests/docs.py aio_timeout.h $(BUILD)/docs

pages:
	@python3 tests/docs.py aio_timeout.h --check
	@python3 tests/pages.py

PREFIX ?= /usr/local
INTO = $(DESTDIR)$(PREFIX)
install: docs
	@mkdir -p $(INTO)/include $(INTO)/share/pkgconfig $(INTO)/share/man/man3 $(INTO)/share/doc/aio_timeout
	@cp aio_timeout.h $(INTO)/include
	@cp LICENSE $(INTO)/share/doc/aio_timeout
	@cp $(BUILD)/docs/man3/*.3 $(INTO)/share/man/man3
	@printf 'prefix=%s\nName: aio_timeout\nDescription: %s\nVersion: %s\nCflags: -I$${prefix}/include\n' $(PREFIX) \
	    "asyncio's timeouts and cancellation for C11, in one header" \
	    $$(sed -n 's/^#define AIOT_VERSION_[A-Z]* //p' aio_timeout.h | paste -sd.) >$(INTO)/share/pkgconfig/aio_timeout.pc

uninstall: docs
	@rm -f $(INTO)/include/aio_timeout.h $(INTO)/share/pkgconfig/aio_timeout.pc $(INTO)/share/doc/aio_timeout/LICENSE
	@for page in $(BUILD)/docs/man3/*.3; do rm -f $(INTO)/share/man/man3/$${page##*/}; done
	@rmdir $(INTO)/share/doc/aio_timeout 2>/dev/null || true

oracle:
	@tests/oracle.sh

clean:
	rm -rf $(BUILD)
