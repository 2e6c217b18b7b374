/* codes_of_others.c - AIOT_CHECK() and AIOT_RAISE() in debug builds name a negative code that is not the library's, or did not come from it:
 * -EPERM is -1, which is AIOT_ECANCELED.  The library's own, and positive codes, pass in silence. */
#define AIOT_DEBUG 1
#include "check.h"
#include <errno.h>

static int driver_call(int answer) { return answer; }
static int maaiot_queue(int answer) { return answer; }          /* what wraps the library's */
static int said;
static void complained(const char *words)
{
    CHECK_EQUAL(complaints, said + 1);
    if (!strstr(check_complaint, words)) check_failed(__FILE__, __LINE__, check_complaint);
    said = complaints;
}

#define EXPECT(statement, error) AIOT_TRY { statement; NOT_REACHED(); } AIOT_EXCEPT_IF(aiot_caught(task).code == (error)) { }

struct codes { AIOT_FRAME; aiot_future future; int rc; };
static AIOT_CORO(codes)
{
    AIOT_BEGIN();
    EXPECT(AIOT_CHECK(-EPERM), AIOT_ECANCELED) complained("no call of the library");
    EXPECT(AIOT_CHECK(-1), AIOT_ECANCELED) complained("no call of the library");
    EXPECT(AIOT_CHECK(-ENOENT), AIOT_ETIMEDOUT) complained("no call of the library");
    EXPECT(AIOT_CHECK(driver_call(-1)), AIOT_ECANCELED) complained("no call of the library");
    EXPECT(AIOT_CHECK(driver_call(-EIO)), AIOT_ESTATE) complained("no call of the library");
    EXPECT(AIOT_CHECK(driver_call(-ENOSPC)), -ENOSPC) complained("not the library's");
    self->rc = -1;
    EXPECT(AIOT_CHECK(self->rc), AIOT_ECANCELED) complained("no call of the library");
    self->rc = -110;
    EXPECT(AIOT_CHECK(self->rc), -110) complained("not the library's");
    EXPECT(AIOT_RAISE(-113), -113) complained("not the library's");
    EXPECT(AIOT_RAISE(INT16_MIN), AIOT_EINVAL) complained("not the library's");
    aiot_future_init(&self->future, task->loop);
    CHECK_EQUAL(aiot_future_set_error(&self->future, -EAGAIN * 2, NULL), AIOT_OK);
    complained("not the library's");

    AIOT_CHECK(driver_call(0));
    EXPECT(AIOT_CHECK(-driver_call(-EPERM)), EPERM)
    EXPECT(AIOT_CHECK(driver_call(EIO)), EIO)
    self->rc = AIOT_EFULL;
    EXPECT(AIOT_CHECK(self->rc), AIOT_EFULL)                    /* kept since a call of the library */
    EXPECT(AIOT_CHECK(AIOT_EINVAL), AIOT_EINVAL)
    EXPECT(AIOT_CHECK(maaiot_queue(self->rc)), AIOT_EFULL)      /* "aiot_" is found behind another a */
    EXPECT(AIOT_RAISE(AIOT_ECANCELED), AIOT_ECANCELED)
    EXPECT(AIOT_RAISE(AIOT_EGROUP), AIOT_EGROUP)
    aiot_future_init(&self->future, task->loop);
    (void)aiot_cancel(&self->future);
    EXPECT(AIOT_CHECK(aiot_result(&self->future)), AIOT_ECANCELED)
    CHECK_EQUAL(complaints, said);
    complaints = 0;
    CHECK_END();
}

int main(void) { RUN(codes); return 0; }
