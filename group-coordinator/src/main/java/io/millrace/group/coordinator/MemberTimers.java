package io.millrace.group.coordinator;

import io.millrace.group.timing.PausableClock;
import io.millrace.group.timing.TimingWheel;
import java.time.Duration;
import java.util.function.BooleanSupplier;

/**
 * Session and release timeouts of members. Pure: the clock is advanced by the coordinator. Owned by
 * the metadata's event loop.
 */
final class MemberTimers {

    private final PausableClock clock;
    private final TimingWheel deadlines;
    private final Duration maxUndetectedDeath;

    /**
     * @param life the maximum time for which a coordinator may answer after a different node has
     *     claimed its groups
     */
    MemberTimers(PausableClock clock, TimingWheel deadlines, Duration life) {
        this.clock = clock;
        this.deadlines = deadlines;
        this.maxUndetectedDeath = life;
    }

    /** Extends the session to a full timeout from now. */
    void received(MemberState member) {
        // Never earlier than the previous coordinator may have granted.
        member.sessionDeadline =
                Math.max(member.sessionDeadline, clock.after(member.details().sessionTimeout()));
    }

    /** Continues a session that the previous coordinator may have extended until now. */
    void resumeSession(MemberState member, Runnable over) {
        startSession(member, over);
        member.sessionDeadline =
                clock.after(member.details().sessionTimeout().plus(maxUndetectedDeath));
    }

    void startSession(MemberState member, Runnable over) {
        received(member);
        int epoch = ++member.sessionEpoch;
        deadlines.add(
                new TimingWheel.Deadline() {
                    @Override
                    public long tick() {
                        return member.leaving || member.sessionEpoch != epoch
                                ? NEVER
                                : member.sessionDeadline;
                    }

                    @Override
                    public void due() {
                        over.run();
                    }
                });
    }

    void schedule(Duration time, BooleanSupplier wanted, Runnable then) {
        long tick = clock.after(time);
        deadlines.add(
                new TimingWheel.Deadline() {
                    @Override
                    public long tick() {
                        return wanted.getAsBoolean() ? tick : NEVER;
                    }

                    @Override
                    public void due() {
                        then.run();
                    }
                });
    }

    /**
     * @param late the task to run if the member keeps a revoked partition too long
     */
    void watchRelease(MemberState member, MemberState.LeasePlan share, Runnable late) {
        long deadline =
                member.leaving
                        ? TimingWheel.Deadline.NEVER
                        : member.releaseDeadline(
                                share, clock.after(member.details().releaseTimeout()));
        if (deadline == member.releaseDeadline) {
            return;
        }
        member.releaseDeadline = deadline;
        if (deadline == TimingWheel.Deadline.NEVER) {
            return;
        }
        deadlines.add(
                new TimingWheel.Deadline() {
                    @Override
                    public long tick() {
                        return member.leaving || member.releaseDeadline != deadline
                                ? NEVER
                                : deadline;
                    }

                    @Override
                    public void due() {
                        late.run();
                    }
                });
    }
}
