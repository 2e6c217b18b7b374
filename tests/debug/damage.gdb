# damage.gdb: overwrites memory of nest.c, looks, and puts it back.
set $task = &main::root.gathers
set $next = $task->all.next
set $prev = $task->all.prev
echo == the link to the next task\n
set var $task->all.next = (aiot_i_link *)0x1234
aiot tasks loop
echo == a circle in the list of tasks\n
set var $task->all.next = &$task->all
aiot tasks loop
echo == both links of a task\n
set var $task->all.next = 0
set var $task->all.prev = 0
aiot tasks loop
set var $task->all.next = $next
set var $task->all.prev = $prev

echo == the frame of a task\n
set $frame = $task->frame
set var $task->frame = (aiot_frame *)8
aiot tasks loop
set var $task->frame = $frame
echo == its step function\n
set $step = $frame->step
set var $frame->step = (aiot_i_step_fn)0x77
aiot tasks loop
set var $frame->step = $step
echo == a circle of frames\n
set $inner = (aiot_frame *)&main::root.client_frame.fetches.reads
set $outer = $inner->up.frame
set var $inner->up.frame = $inner
aiot tasks loop
set var $inner->up.frame = $outer
echo == its limits\n
set $scope = main::root.client.scope
set var main::root.client.scope = (struct aiot_i_scope *)-16
aiot tasks loop
set var main::root.client.scope = $scope
echo == its waiters\n
set $waiters = main::root.stops.awaitable.waiters
set var main::root.stops.awaitable.waiters = (aiot_i_link *)1
aiot tasks loop
set var main::root.stops.awaitable.waiters = $waiters
echo == its kind\n
set $kind = main::root.client.awaitable.entry.kind
set var main::root.client.awaitable.entry.kind = 0xaa
aiot tasks loop
set var main::root.client.awaitable.entry.kind = $kind
echo == what it has joined\n
set $target = main::root.joins.entry.u.target
set var main::root.joins.entry.u.target = 5
aiot tasks loop
set var main::root.joins.entry.u.target = $target
echo == its name\n
set $root = (aiot_frame *)&main::root.client_frame
set $name = $root->up.name
set var $root->up.name = (char *)5
aiot tasks loop
set var $root->up.name = $name
echo == the timers\n
set $link = loop.timers.slot[5][3][1].next
set var loop.timers.slot[5][3][1].next = (aiot_i_link *)77
aiot tasks loop
set var loop.timers.slot[5][3][1].next = $link
echo == nothing any more\n
aiot tasks loop
echo == the list, at its begin\n
set var loop.tasks.next = (aiot_i_link *)5
aiot tasks loop
echo == the list, at both ends\n
set var loop.tasks.prev = (aiot_i_link *)5
aiot tasks loop
