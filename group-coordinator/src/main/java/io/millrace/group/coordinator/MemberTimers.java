package io.millrace.group.coordinator;

import java.time.Duration;
import java.util.function.BooleanSupplier;

/**
 * When members are taken for dead, and when they are late. To hear of a member costs one addition.
 * Pure: its clock is given the time. Owned by the metadata's loop.
 */
final class MemberTimers {

    private final PausableClock clock;
    private final TimingWheel deadlines;
    private final Duration life;

    /**
     * @param life how long a coordinator may go on answering after another one claimed its groups
     */
    MemberTimers(PausableClock clock, TimingWheel deadlines, Duration life) {
        this.clock = clock;
        this.deadlines = deadlines;
        this.life = life;
    }

    /** A member was heard of: its session lasts for its timeout from now. */
    void received(MemberState one) {
        // Never sooner than the coordinator before may have promised.
        one.sessionDeadline =
                Math.max(one.sessionDeadline, clock.after(one.details().sessionTimeout()));
    }

    /** A session goes on at this coordinator that another one may have answered until now. */
    void takeOver(MemberState one, Runnable over) {
        begin(one, over);
        one.sessionDeadline = clock.after(one.details().sessionTimeout().plus(life));
    }

    /** A session of a member begins, in place of the one before. */
    void begin(MemberState one, Runnable over) {
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

    /**
     * Does something when a time is over.
     *
     * @param wanted whether it is to be done still
     */
    void after(Duration time, BooleanSupplier wanted, Runnable then) {
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
     * Waits for a member to let go of what it is to give up.
     *
     * @param late runs once it has kept something for its release timeout
     */
    void watchRelease(MemberState one, MemberState.Share share, Runnable late) {
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
