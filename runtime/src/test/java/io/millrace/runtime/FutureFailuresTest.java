package io.millrace.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;

class FutureFailuresTest {

    private final Exception failure = new IllegalStateException("broken", new Exception("why"));

    @Test
    void whatFuturesWrapIsFoundHoweverDeep() {
        assertThat(FutureFailures.unwrap(failure)).isSameAs(failure);
        assertThat(FutureFailures.unwrap(new CompletionException(failure))).isSameAs(failure);
        assertThat(FutureFailures.unwrap(new ExecutionException(new CompletionException(failure))))
                .isSameAs(failure);
    }

    @Test
    void aWrapperWithNothingInItIsTheFailure() {
        CompletionException empty = new CompletionException("empty", null);
        assertThat(FutureFailures.unwrap(empty)).isSameAs(empty);
    }
}
