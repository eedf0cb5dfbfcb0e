package io.millrace.storage.object;

/**
 * The budget for hedged requests: a percentage of all calls, accumulated up to ten hedges. Owned by
 * an event loop.
 */
final class HedgeBudget {

    private static final int HEDGE_COST = 100;
    private static final int MAX_SAVED = 10 * HEDGE_COST;

    private final int percent;
    private int saved = MAX_SAVED;

    /**
     * Creates a full budget.
     *
     * @param percent the percentage of calls that may be hedged
     */
    HedgeBudget(int percent) {
        this.percent = percent;
    }

    void accrue() {
        saved = Math.min(MAX_SAVED, saved + percent);
    }

    /** Spends one hedge. Returns false if the budget is exhausted. */
    boolean trySpend() {
        if (saved < HEDGE_COST) {
            return false;
        }
        saved -= HEDGE_COST;
        return true;
    }

    /** Empties the budget. Called when the store throttles requests. */
    void clear() {
        saved = 0;
    }
}
