package io.millrace.group.coordinator;

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
    void received(MemberState one) {
        // Never earlier than the previous coordinator may have granted.
        one.sessionDeadline =
                Math.max(one.sessionDeadline, clock.after(one.details().sessionTimeout()));
    }

    /** Continues a session that the previous coordinator may have extended until now. */
    void resumeSession(MemberState one, Runnable over) {
        startSession(one, over);
        one.sessionDeadline = clock.after(one.details().sessionTimeout().plus(maxUndetectedDeath));
    }

    void startSession(MemberState one, Runnable over) {
        received(one);
        int epoch = ++one.sessionEpoch;
        deadlines.add(
                new TimingWheel.Deadline() {
                    @Override
                    public long tick() {
                        return one.leaving || one.sessionEpoch != epoch
                                ? NEVER
                                : one.sessionDeadline;
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
    void watchRelease(MemberState one, MemberState.LeasePlan share, Runnable late) {
        long deadline =
                one.leaving
                        ? TimingWheel.Deadline.NEVER
                        : one.releaseDeadline(share, clock.after(one.details().releaseTimeout()));
        if (deadline == one.releaseDeadline) {
            return;
        }
        one.releaseDeadline = deadline;
        if (deadline == TimingWheel.Deadline.NEVER) {
            return;
        }
        deadlines.add(
                new TimingWheel.Deadline() {
                    @Override
                    public long tick() {
                        return one.leaving || one.releaseDeadline != deadline ? NEVER : deadline;
                    }

                    @Override
                    public void due() {
                        late.run();
                    }
                });
    }
}
