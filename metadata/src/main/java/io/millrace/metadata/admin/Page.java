package io.millrace.metadata.admin;

import java.util.List;
import java.util.function.Function;

/**
 * A page of a listing.
 *
 * @param next the token of the next page; empty after the last page
 */
public record Page<T>(List<T> rows, String next) {

    /** The maximum number of rows: with the longest names, a page is far below 4 MiB. */
    public static final int MAX_ROWS = 1_000;

    public Page {
        rows = List.copyOf(rows);
    }

    /** Returns the number of rows of a page for which a client requested a number. */
    public static int size(int requested, int max) {
        return requested < 1 || requested > max ? max : requested;
    }

    /**
     * Returns the page of the first rows.
     *
     * @param found one row more than the page has if further pages follow
     * @param tokenOf the token of the rows after a row
     */
    public static <T> Page<T> of(List<T> found, int size, Function<T, String> tokenOf) {
        return found.size() <= size
                ? new Page<>(found, "")
                : new Page<>(found.subList(0, size), tokenOf.apply(found.get(size - 1)));
    }
}
