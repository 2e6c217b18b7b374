/* child.c - the rules of aiot_child.h: the exit, the pipes, what a limit and a cancel leave behind, failures, a hundred at once. */
#define _GNU_SOURCE
#ifndef AIOT_POLL
#define AIOT_POLL 1
#endif
#include <dirent.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>
#include "check.h"
#include "adapters.h"
#include "aiot_child.h"

enum { MANY = 100, MIB = 1 << 20 };
static aiot_loop loop;
static AIOT_POLL_SET(4 * MANY + 8) poller;
static AIOT_POLL_SET(2) small;
static char text[2 * MIB], errors[2 * MIB], input[2 * MIB];

#define SH(script) { (char[]){ "sh" }, (char[]){ "-c" }, (char[]){ script }, NULL }

static bool has_no_children(void) { return waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD; }
static bool is_alive(int pid) { return kill(pid, 0) == 0; }

/* ---- The exit. */
static char *const exits_with_3[] = SH("exit 3"), *const kills_itself[] = SH("kill -9 $$");
static char *const hello[] = SH("echo hello; echo no >&2; exit 4");
static char *const sleeps[] = { (char[]){ "sleep" }, (char[]){ "10" }, NULL };

struct a_returncode_is_the_exit_status_or_minus_the_signal { AIOT_FRAME; aiot_child child; struct aiot_child_wait wait; };
static AIOT_CORO(a_returncode_is_the_exit_status_or_minus_the_signal)
{
    AIOT_BEGIN();
    AIOT_CHECK(aiot_child_spawn(&self->child, task->loop, .argv = exits_with_3));
    CHECK(self->child.is_running && !self->child.has_ended);
    CHECK_EQUAL(aiot_child_spawn(&self->child, task->loop, .argv = exits_with_3), AIOT_ERUNTIME);
    AIOT_AWAIT(aiot_child_wait, &self->wait, .child = &self->child);
    CHECK(!self->child.is_running && self->child.has_ended);
    CHECK_EQUAL(self->child.returncode, 3);
    AIOT_AWAIT(aiot_child_wait, &self->wait, .child = &self->child);     /* once more: at once */
    CHECK_EQUAL(aiot_child_kill(&self->child, SIGTERM), ESRCH);
    AIOT_CHECK(aiot_child_spawn(&self->child, task->loop, .argv = kills_itself));
    AIOT_AWAIT(aiot_child_wait, &self->wait, .child = &self->child);
    CHECK_EQUAL(self->child.returncode, -SIGKILL);
    CHECK_END();
}

struct several_tasks_wait_for_one_child { AIOT_FRAME; aiot_child child; struct aiot_child_wait waits[3]; aiot_task t[3]; };
static AIOT_CORO(several_tasks_wait_for_one_child)
{
    AIOT_BEGIN();
    AIOT_CHECK(aiot_child_spawn(&self->child, task->loop, .argv = sleeps));
    for (int i = 0; i < 3; i++) AIOT_SPAWN(&self->t[i], aiot_child_wait, &self->waits[i], .child = &self->child);
    AIOT_SLEEP(AIOT_MS(20));
    aiot_cancel(&self->t[1]);                   /* leaves the child alone */
    AIOT_SLEEP(AIOT_MS(20));
    CHECK(aiot_cancelled(&self->t[1]) && self->child.is_running);
    CHECK_EQUAL(aiot_child_kill(&self->child, SIGTERM), 0);
    AIOT_JOIN(&self->t[0]);
    AIOT_JOIN(&self->t[2]);
    CHECK_EQUAL(self->child.returncode, -SIGTERM);
    CHECK_END();
}

/* It is reaped in the loop's turn, also if nobody waits. */
struct an_exit_without_a_waiter_is_reaped { AIOT_FRAME; aiot_child child; };
static AIOT_CORO(an_exit_without_a_waiter_is_reaped)
{
    AIOT_BEGIN();
    AIOT_CHECK(aiot_child_spawn(&self->child, task->loop, .argv = exits_with_3));
    while (!self->child.has_ended) AIOT_SLEEP(AIOT_MS(5));
    CHECK(has_no_children());
    CHECK_EQUAL(self->child.returncode, 3);
    CHECK_END();
}

/* A child of the program that this file does not know is not taken away from it. */
struct other_children_are_left_alone { AIOT_FRAME; struct aiot_child_run run; int pid; };
static AIOT_CORO(other_children_are_left_alone)
{
    AIOT_BEGIN();
    self->pid = fork();
    if (self->pid == 0) _exit(7);
    AIOT_AWAIT(aiot_child_run, &self->run, .argv = exits_with_3);
    AIOT_SLEEP(AIOT_MS(20));
    {
        int status = 0;
        CHECK_EQUAL(waitpid(self->pid, &status, 0), self->pid);
        CHECK_EQUAL(WEXITSTATUS(status), 7);
    }
    CHECK_END();
}

/* Somebody takes the exit status away. */
struct a_lost_status_is_255 { AIOT_FRAME; aiot_child child; struct aiot_child_wait wait; };
static AIOT_CORO(a_lost_status_is_255)
{
    AIOT_BEGIN();
    AIOT_CHECK(aiot_child_spawn(&self->child, task->loop, .argv = exits_with_3));
    CHECK_EQUAL(waitpid(self->child.pid, NULL, 0), self->child.pid);
    AIOT_AWAIT(aiot_child_wait, &self->wait, .child = &self->child);
    CHECK_EQUAL(self->child.returncode, 255);
    CHECK_END();
}

/* ---- Pipes. */
struct a_run_collects_both_outputs { AIOT_FRAME; struct aiot_child_run run; };
static AIOT_CORO(a_run_collects_both_outputs)
{
    AIOT_BEGIN();
    AIOT_AWAIT(aiot_child_run, &self->run, .argv = hello, .out = text, .out_room = sizeof text, .err = errors, .err_room = sizeof errors);
    CHECK_EQUAL(self->run.returncode, 4);
    CHECK(self->run.out_size == 6 && memcmp(text, "hello\n", 6) == 0);
    CHECK(self->run.err_size == 3 && memcmp(errors, "no\n", 3) == 0);
    CHECK_EQUAL(self->run.out_lost + self->run.err_lost, 0);
    AIOT_AWAIT(aiot_child_run, &self->run, .argv = hello, .out = text, .out_room = sizeof text, .err_to_out = true);
    CHECK(self->run.out_size == 9 && memcmp(text, "hello\nno\n", 9) == 0);
    CHECK_END();
}

/* More than the pipes hold, in all three at once: writing first and reading later would stand still. */
static char *const copies[] = SH("tee /dev/stderr");
struct two_mib_go_through_three_pipes { AIOT_FRAME; struct aiot_child_run run; };
static AIOT_CORO(two_mib_go_through_three_pipes)
{
    AIOT_BEGIN();
    for (size_t i = 0; i < sizeof input; i++) input[i] = (char)(i * 31 + i / 4096);
    AIOT_AWAIT(aiot_child_run, &self->run, .argv = copies, .input = input, .input_size = sizeof input,
               .out = text, .out_room = sizeof text, .err = errors, .err_room = sizeof errors);
    CHECK_EQUAL(self->run.returncode, 0);
    CHECK(self->run.out_size == sizeof text && memcmp(text, input, sizeof input) == 0);
    CHECK(self->run.err_size == sizeof errors && memcmp(errors, input, sizeof input) == 0);
    CHECK_END();
}

/* The child is not held up by a small buffer: its exit status is its own. */
static char *const talks[] = SH("head -c 1000000 /dev/zero; exit 5");
struct what_does_not_fit_is_counted { AIOT_FRAME; struct aiot_child_run run; };
static AIOT_CORO(what_does_not_fit_is_counted)
{
    AIOT_BEGIN();
    AIOT_AWAIT(aiot_child_run, &self->run, .argv = talks, .out = text, .out_room = 10);
    CHECK_EQUAL(self->run.returncode, 5);
    CHECK_EQUAL(self->run.out_size, 10);
    CHECK_EQUAL(self->run.out_lost, 1000000 - 10);
    CHECK_END();
}

/* No SIGPIPE, and no error. */
static char *const does_not_read[] = SH("exec <&-; echo done; sleep 0.05; exit 6");
struct a_child_need_not_read_its_input { AIOT_FRAME; struct aiot_child_run run; };
static AIOT_CORO(a_child_need_not_read_its_input)
{
    AIOT_BEGIN();
    AIOT_AWAIT(aiot_child_run, &self->run, .argv = does_not_read, .input = input, .input_size = sizeof input,
               .out = text, .out_room = sizeof text);
    CHECK_EQUAL(self->run.returncode, 6);
    CHECK_EQUAL(self->run.out_size, 5);
    CHECK_END();
}

/* By hand, as with asyncio's streams. */
static char *const cat[] = { (char[]){ "cat" }, NULL };
struct a_dialogue { AIOT_FRAME; aiot_child child; struct aiot_child_wait wait; int i; };
static AIOT_CORO(a_dialogue)
{
    AIOT_BEGIN();
    AIOT_CHECK(aiot_child_spawn(&self->child, task->loop, .argv = cat, .in = AIOT_CHILD_PIPE, .out = AIOT_CHILD_PIPE,
                                .err = AIOT_CHILD_NULL));
    for (self->i = 0; self->i < 3; self->i++) {
        AIOT_WRITABLE(&self->child.in);
        CHECK_EQUAL(aiot_child_write(&self->child, "ping", 4), 4);
        AIOT_READABLE(&self->child.out);
        CHECK_EQUAL(read(self->child.out.fd, text, sizeof text), 4);
    }
    CHECK_EQUAL(aiot_fd_close(&self->child.in), 0);      /* the end of its input */
    AIOT_AWAIT(aiot_child_wait, &self->wait, .child = &self->child);
    CHECK_EQUAL(self->child.returncode, 0);
    aiot_child_close(&self->child);
    CHECK_END();
}

/* A child has its three streams, and nothing of ours. A program whose own stdin is closed gets low numbers for its pipes. */
static char *const lists[] = SH("cat; echo x >&2; ls /proc/$$/fd; exit 0");
struct nothing_is_inherited_by_accident {
    AIOT_FRAME; struct aiot_child_run run; aiot_child other; struct aiot_child_stop stop; int saved[3], i;
};
static AIOT_CORO(nothing_is_inherited_by_accident)
{
    AIOT_BEGIN();
    AIOT_CHECK(aiot_child_spawn(&self->other, task->loop, .argv = cat, .in = AIOT_CHILD_PIPE, .out = AIOT_CHILD_PIPE));
    for (self->i = 0; self->i < 2; self->i++) {
        for (int fd = 0; fd < 3 && self->i == 1; fd++) {
            self->saved[fd] = fcntl(fd, F_DUPFD_CLOEXEC, 20);
            close(fd);
        }
        AIOT_AWAIT(aiot_child_run, &self->run, .argv = lists, .input = "in\n", .input_size = 3, .out = text, .out_room = sizeof text,
                   .err = errors, .err_room = sizeof errors);
        for (int fd = 0; fd < 3 && self->i == 1; fd++) {
            CHECK_EQUAL(dup2(self->saved[fd], fd), fd);
            close(self->saved[fd]);
        }
        CHECK(self->run.out_size == 9 && memcmp(text, "in\n0\n1\n2\n", 9) == 0);
        CHECK(self->run.err_size == 2 && memcmp(errors, "x\n", 2) == 0);
    }
    AIOT_AWAIT(aiot_child_stop, &self->stop, .child = &self->other);
    aiot_child_close(&self->other);
    CHECK_END();
}

/* A program that blocks signals, or ignores SIGPIPE, does not make its children do so. */
static char *const gets_sigterm[] = SH("kill -TERM $$; exit 0"), *const gets_sigpipe[] = SH("kill -PIPE $$; exit 0");
struct a_child_begins_with_usual_signals { AIOT_FRAME; struct aiot_child_run run; sigset_t before; };
static AIOT_CORO(a_child_begins_with_usual_signals)
{
    AIOT_BEGIN();
    {
        sigset_t all;
        sigfillset(&all);
        sigdelset(&all, SIGCHLD);
        CHECK_EQUAL(sigprocmask(SIG_SETMASK, &all, &self->before), 0);
        CHECK(signal(SIGPIPE, SIG_IGN) == SIG_DFL);
    }
    AIOT_AWAIT(aiot_child_run, &self->run, .argv = gets_sigterm);
    CHECK_EQUAL(self->run.returncode, -SIGTERM);
    AIOT_AWAIT(aiot_child_run, &self->run, .argv = gets_sigpipe);
    CHECK_EQUAL(self->run.returncode, -SIGPIPE);
    CHECK(signal(SIGPIPE, SIG_DFL) == SIG_IGN);
    CHECK_EQUAL(sigprocmask(SIG_SETMASK, &self->before, NULL), 0);
    CHECK_END();
}

/* ---- A process that the child leaves behind keeps the pipe open. */
static char *const leaves_one_behind[] = SH("(sleep 0.1; echo late; sleep 3) & echo $!");
static char *const leaves_a_chatterer[] = SH("yes & echo $! >&2");
struct a_grandchild_does_not_hold_it_up { AIOT_FRAME; struct aiot_child_run run; aiot_time start; };
static AIOT_CORO(a_grandchild_does_not_hold_it_up)
{
    AIOT_BEGIN();
    self->start = aiot_now(task->loop);
    AIOT_AWAIT(aiot_child_run, &self->run, .argv = leaves_one_behind, .out = text, .out_room = sizeof text);
    CHECK(ms_since(&loop, self->start) < 1000);
    CHECK(self->run.out_size > 1 && text[self->run.out_size - 1] == '\n' && memchr(text, 'l', self->run.out_size) == NULL);
    CHECK_EQUAL(kill(atoi(text), SIGKILL), 0);

    self->start = aiot_now(task->loop);         /* what is left behind may go on for a while */
    AIOT_AWAIT(aiot_child_run, &self->run, .argv = leaves_one_behind, .out = text, .out_room = sizeof text, .linger_ns = AIOT_MS(300));
    CHECK(ms_since(&loop, self->start) >= 300 && ms_since(&loop, self->start) < 2000);
    CHECK(memchr(text, 'l', self->run.out_size) != NULL);
    CHECK_EQUAL(kill(atoi(text), SIGKILL), 0);

    AIOT_AWAIT(aiot_child_run, &self->run, .argv = leaves_a_chatterer, .out = text, .out_room = 100, .err = errors, .err_room = 20);
    errors[self->run.err_size] = '\0';
    (void)kill(atoi(errors), SIGKILL);          /* or SIGPIPE was first */
    CHECK_EQUAL(self->run.returncode, 0);
    CHECK_END();
}

/* ---- Limits and cancels. */
static char *const refuses[] = SH("trap '' TERM; echo $$; while :; do sleep 0.02; done");
struct a_limit_leaves_no_child { AIOT_FRAME; struct aiot_child_run run; aiot_timeout limit; aiot_time start; int i; };
static AIOT_CORO(a_limit_leaves_no_child)
{
    AIOT_BEGIN();
    for (self->i = 0; self->i < 3; self->i++) {
        self->start = aiot_now(task->loop);
        AIOT_TRY {
            AIOT_WAIT_FOR(&self->limit, AIOT_MS(100), aiot_child_run, &self->run, .argv = self->i == 0 ? sleeps : refuses, .out = text,
                          .out_room = sizeof text, .grace_ns = self->i < 2 ? AIOT_MS(200) : 0);
            NOT_REACHED();
        } AIOT_EXCEPT(AIOT_ETIMEDOUT) { }
        CHECK(has_no_children());
        CHECK_EQUAL(self->run.returncode, self->i == 0 ? -SIGTERM : -SIGKILL);
        CHECK(ms_since(&loop, self->start) >= (self->i == 1 ? 300 : 100));
        CHECK(ms_since(&loop, self->start) < (self->i == 1 ? 1500 : 290));
        if (self->i > 0) CHECK(self->run.out_size > 0 && !is_alive(atoi(text)));        /* what it said before is there */
    }
    CHECK_END();
}

struct cancels_do_not_cut_the_clean_up { AIOT_FRAME; struct aiot_child_run run; aiot_task t; aiot_time start; AIOT_WAIT_SET(1) set; };
static AIOT_CORO(cancels_do_not_cut_the_clean_up)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->t, aiot_child_run, &self->run, .argv = refuses, .out = text, .out_room = sizeof text, .grace_ns = AIOT_MS(200));
    AIOT_SLEEP(AIOT_MS(50));
    self->start = aiot_now(task->loop);
    aiot_cancel(&self->t);
    AIOT_SLEEP(AIOT_MS(20));
    aiot_cancel(&self->t);
    AIOT_SLEEP(AIOT_MS(20));
    aiot_cancel_firmly(&self->t);
    AIOT_WAIT(&self->set, AIOT_ALL_COMPLETED, AIOT_S(5), &self->t);
    CHECK(aiot_done(&self->t) && aiot_cancelled(&self->t));
    CHECK(ms_since(&loop, self->start) >= 200);
    CHECK_EQUAL(self->run.returncode, -SIGKILL);
    CHECK(has_no_children());

    AIOT_SPAWN(&self->t, aiot_child_run, &self->run, .argv = sleeps, .grace_ns = AIOT_S(1));    /* before its first wait */
    AIOT_YIELD();
    aiot_cancel(&self->t);
    AIOT_WAIT(&self->set, AIOT_ALL_COMPLETED, AIOT_S(5), &self->t);
    CHECK(aiot_cancelled(&self->t) && has_no_children());
    CHECK_END();
}

struct a_stop { AIOT_FRAME; aiot_child child; struct aiot_child_stop stop; aiot_time start; };
static AIOT_CORO(a_stop)
{
    AIOT_BEGIN();
    AIOT_CHECK(aiot_child_spawn(&self->child, task->loop, .argv = sleeps));
    AIOT_AWAIT(aiot_child_stop, &self->stop, .child = &self->child, .grace_ns = AIOT_S(5));
    CHECK_EQUAL(self->child.returncode, -SIGTERM);
    AIOT_AWAIT(aiot_child_stop, &self->stop, .child = &self->child, .grace_ns = AIOT_S(5));      /* nothing to do */
    AIOT_CHECK(aiot_child_spawn(&self->child, task->loop, .argv = refuses, .out = AIOT_CHILD_PIPE));
    AIOT_READABLE(&self->child.out);
    self->start = aiot_now(task->loop);
    AIOT_AWAIT(aiot_child_stop, &self->stop, .child = &self->child, .grace_ns = AIOT_MS(50));
    CHECK(ms_since(&loop, self->start) >= 50);
    CHECK_EQUAL(self->child.returncode, -SIGKILL);
    aiot_child_close(&self->child);
    CHECK_END();
}

/* A group of its own: what the child has started ends with it. */
static char *const with_a_helper[] = SH("sleep 10 & echo $!; wait");
struct a_group_ends_as_one { AIOT_FRAME; struct aiot_child_run run; aiot_timeout limit; int i; };
static AIOT_CORO(a_group_ends_as_one)
{
    AIOT_BEGIN();
    AIOT_TRY {
        AIOT_WAIT_FOR(&self->limit, AIOT_MS(100), aiot_child_run, &self->run, .argv = with_a_helper, .out = text, .out_room = sizeof text,
                      .grace_ns = AIOT_S(1), .own_group = true);
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) { }
    CHECK(self->run.out_size > 1);
    {
        char path[64], state[256] = "";
        snprintf(path, sizeof path, "/proc/%d/stat", atoi(text));
        for (int i = 0; i < 200 && is_alive(atoi(text)); i++) {                 /* an orphan may be a zombie where nobody reaps it */
            FILE *f = fopen(path, "r");
            if (f == NULL || fgets(state, sizeof state, f) == NULL || strstr(state, ") Z") != NULL) i = 1000;
            if (f) fclose(f);
            usleep(5000);
        }
        CHECK(!is_alive(atoi(text)) || strstr(state, ") Z") != NULL);
    }
    CHECK_END();
}

/* ---- Failures. */
static char *const is_not_there[] = { (char[]){ "there-is-no-such-program" }, NULL };
static char *const is_a_directory[] = { (char[]){ "/etc" }, NULL };
struct what_cannot_be_executed_says_why { AIOT_FRAME; struct aiot_child_run run; aiot_child child; struct aiot_child_wait wait; };
static AIOT_CORO(what_cannot_be_executed_says_why)
{
    AIOT_BEGIN();
    AIOT_TRY { AIOT_AWAIT(aiot_child_run, &self->run, .argv = is_not_there, .out = text, .out_room = 1); NOT_REACHED(); }
    AIOT_EXCEPT(ENOENT) { say("ENOENT "); }
    AIOT_TRY { AIOT_AWAIT(aiot_child_run, &self->run, .argv = is_a_directory, .out = text, .out_room = 1); NOT_REACHED(); }
    AIOT_EXCEPT(EACCES) { say("EACCES "); }
    CHECK_EQUAL(aiot_child_spawn(&self->child, task->loop, .in = AIOT_CHILD_PIPE), AIOT_EINVAL);
    CHECK_EQUAL(aiot_child_spawn(&self->child, task->loop, .argv = cat, .in = AIOT_CHILD_PIPE, .out = AIOT_CHILD_STDOUT), AIOT_EINVAL);
    AIOT_TRY { AIOT_AWAIT(aiot_child_wait, &self->wait, .child = &self->child); NOT_REACHED(); }
    AIOT_EXCEPT(AIOT_ERUNTIME) { say("never started "); }
    CHECK_SAID("ENOENT EACCES never started ");
    CHECK(has_no_children());
    CHECK_END();
}

struct one_communicate_at_a_time { AIOT_FRAME; aiot_child child; struct aiot_child_communicate first, second; aiot_task t; };
static AIOT_CORO(one_communicate_at_a_time)
{
    AIOT_BEGIN();
    AIOT_CHECK(aiot_child_spawn(&self->child, task->loop, .argv = hello, .out = AIOT_CHILD_PIPE, .err = AIOT_CHILD_NULL));
    AIOT_SPAWN(&self->t, aiot_child_communicate, &self->first, .child = &self->child, .out = text, .out_room = sizeof text);
    AIOT_YIELD();
    AIOT_TRY { AIOT_AWAIT(aiot_child_communicate, &self->second, .child = &self->child); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ERUNTIME) { }
    AIOT_JOIN(&self->t);
    CHECK_EQUAL(self->first.out_size, 6);
    CHECK_EQUAL(self->child.returncode, 4);
    AIOT_AWAIT(aiot_child_communicate, &self->second, .child = &self->child, .out = errors, .out_room = 9);     /* nothing is left */
    CHECK_EQUAL(self->second.out_size, 0);
    CHECK_END();
}

/* Descriptors run out at each point of a spawn: nothing is left open, and no child. */
struct too_few_descriptors { AIOT_FRAME; struct aiot_child_run run; int used, more, failures; };
static void leave_descriptors(int count)
{
    struct rlimit limit;
    CHECK_EQUAL(getrlimit(RLIMIT_NOFILE, &limit), 0);
    limit.rlim_cur = count < 0 ? limit.rlim_max : (rlim_t)count;
    CHECK_EQUAL(setrlimit(RLIMIT_NOFILE, &limit), 0);
}
static AIOT_CORO(too_few_descriptors)
{
    AIOT_BEGIN();
    self->used = open_descriptors();
    for (self->more = 0; self->more < 10; self->more++) {
        {
            int next = dup(0);
            close(next);
            leave_descriptors(next + self->more);
        }
        AIOT_TRY {
            AIOT_AWAIT(aiot_child_run, &self->run, .argv = hello, .input = "", .out = text, .out_room = 9, .err = errors, .err_room = 9);
            CHECK_EQUAL(self->run.returncode, 4);
        } AIOT_EXCEPT(EMFILE) {
            self->failures++;
        }
        leave_descriptors(-1);
        CHECK_EQUAL(open_descriptors(), self->used);
        CHECK(has_no_children());
    }
    CHECK(self->failures > 3 && self->failures < 10);
    CHECK_END();
}

/* With poll(2), the poller has two places: for the child's end, and for one pipe. */
struct too_few_places { AIOT_FRAME; struct aiot_child_run run; };
static AIOT_CORO(too_few_places)
{
    AIOT_BEGIN();
    AIOT_TRY {
        AIOT_AWAIT(aiot_child_run, &self->run, .argv = hello, .input = "", .out = text, .out_room = 9, .err = errors, .err_room = 9);
        say("runs ");
    } AIOT_EXCEPT(AIOT_ENOBUFS) {
        say("full ");
    }
    CHECK_SAID(AIOT_POLL == 2 ? "full " : "runs ");
    CHECK(has_no_children());
    CHECK_END();
}

/* ---- Many. */
static char *const answers[] = SH("read line; echo \"$line\"; exit $line");
struct a_hundred_at_once { AIOT_FRAME; struct aiot_child_run runs[MANY]; char in[MANY][4], out[MANY][8]; aiot_task t[MANY]; int i; };
static AIOT_CORO(a_hundred_at_once)
{
    AIOT_BEGIN();
    for (int i = 0; i < MANY; i++) {
        snprintf(self->in[i], sizeof self->in[i], "%d", i % 100);
        AIOT_SPAWN(&self->t[i], aiot_child_run, &self->runs[i], .argv = answers, .input = self->in[i], .input_size = strlen(self->in[i]),
                   .out = self->out[i], .out_room = sizeof self->out[i]);
    }
    for (self->i = 0; self->i < MANY; self->i++) {
        AIOT_JOIN(&self->t[self->i]);
        CHECK_EQUAL(self->runs[self->i].returncode, self->i);
        CHECK_EQUAL(atoi(self->out[self->i]), self->i);
    }
    CHECK(has_no_children());
    CHECK_END();
}

static struct sigaction before;
static int told;
static void is_told(int number) { (void)number; told++; }

#define RUN_REAL(fn) RUN_WITH(poller, fn)
#define RUN_WITH(set, fn) \
    do { \
        static struct fn frame; \
        static aiot_child_watch watch; \
        struct sigaction after; \
        int descriptors = open_descriptors(); \
        aiot_loop_init(&loop); \
        CHECK_EQUAL(aiot_poll_open(&loop, &(set)), 0); \
        CHECK_EQUAL(aiot_child_watch_open(&watch, &loop), 0); \
        CHECK_EQUAL(aiot_run(&loop, fn, &frame), AIOT_OK); \
        CHECK(check_end == &frame); \
        CHECK(has_no_children()); \
        CHECK_EQUAL(aiot_child_watch_close(&watch), 0); \
        CHECK_EQUAL(loop.watched, 0); \
        CHECK_EQUAL(aiot_poll_close(&loop), 0); \
        CHECK_EQUAL(complaints, 0); \
        CHECK_EQUAL(open_descriptors(), descriptors); \
        CHECK(sigaction(SIGCHLD, NULL, &after) == 0 && after.sa_handler == before.sa_handler); \
    } while (0)

int main(void)
{
    for (int fd = 3; fd < 1024; fd++) (void)fcntl(fd, F_SETFD, FD_CLOEXEC);     /* what the test itself was given */
    before.sa_handler = is_told;                /* the program's own handler is called, too, and put back */
    CHECK_EQUAL(sigaction(SIGCHLD, &before, NULL), 0);
    RUN_REAL(a_returncode_is_the_exit_status_or_minus_the_signal);
    RUN_REAL(several_tasks_wait_for_one_child);
    RUN_REAL(an_exit_without_a_waiter_is_reaped);
    RUN_REAL(other_children_are_left_alone);
    RUN_REAL(a_lost_status_is_255);
    RUN_REAL(a_run_collects_both_outputs);
    RUN_REAL(two_mib_go_through_three_pipes);
    RUN_REAL(what_does_not_fit_is_counted);
    RUN_REAL(a_child_need_not_read_its_input);
    RUN_REAL(a_dialogue);
    RUN_REAL(nothing_is_inherited_by_accident);
    RUN_REAL(a_child_begins_with_usual_signals);
    RUN_REAL(a_grandchild_does_not_hold_it_up);
    RUN_REAL(a_limit_leaves_no_child);
    RUN_REAL(cancels_do_not_cut_the_clean_up);
    RUN_REAL(a_stop);
    RUN_REAL(a_group_ends_as_one);
    RUN_REAL(what_cannot_be_executed_says_why);
    RUN_REAL(one_communicate_at_a_time);
    RUN_REAL(too_few_descriptors);
    RUN_WITH(small, too_few_places);
    RUN_REAL(a_hundred_at_once);
    CHECK(told > 5);
    return 0;
}
