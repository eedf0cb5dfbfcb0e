package io.millrace.storage.object;

/** What may be asked twice: a share of all calls, saved up to a few. Owned by a loop. */
final class HedgeBudget {

    private static final int HEDGE_COST = 100;
    private static final int MAX_SAVED = 10 * HEDGE_COST;

    private final int percent;
    private int saved = MAX_SAVED;

    /**
     * @param percent of the calls may be hedged
     */
    HedgeBudget(int percent) {
        this.percent = percent;
    }

    void earn() {
        saved = Math.min(MAX_SAVED, saved + percent);
    }

    /** Whether one more hedge is within the budget; it is spent then. */
    boolean spend() {
        if (saved < HEDGE_COST) {
            return false;
        }
        saved -= HEDGE_COST;
        return true;
    }

    /** For a store that asks for fewer requests. */
    void forfeit() {
        saved = 0;
    }
}
