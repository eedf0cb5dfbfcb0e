package io.millrace.storage.object;

/**
 * A budget of hedges: a percentage of all calls, accumulated up to ten hedges. Owned by an event
 * loop.
 */
final class HedgeBudget {

    private static final int HEDGE_COST = 100;
    private static final int MAX_SAVED = 10 * HEDGE_COST;

    private final int percent;
    private int saved = MAX_SAVED;

    HedgeBudget(int percent) {
        this.percent = percent;
    }

    void accrue() {
        saved = Math.min(MAX_SAVED, saved + percent);
    }

    /** Returns false if the budget is exhausted. */
    boolean trySpend() {
        if (saved < HEDGE_COST) {
            return false;
        }
        saved -= HEDGE_COST;
        return true;
    }

    /** Called when the store throttles requests. */
    void clear() {
        saved = 0;
    }
}
