package io.millrace.client.observation;

/** The receivers of a client's metrics and traces. */
public record ClientObservation(ClientMetrics metrics, ClientTracing tracing) {

    /** Neither metrics nor traces. */
    public static final ClientObservation NONE =
            new ClientObservation(ClientMetrics.NONE, ClientTracing.OFF);

    public static ClientObservation of(ClientMetrics metrics) {
        return NONE.with(metrics);
    }

    public static ClientObservation of(ClientTracing tracing) {
        return NONE.with(tracing);
    }

    public ClientObservation with(ClientMetrics other) {
        return new ClientObservation(other, tracing);
    }

    public ClientObservation with(ClientTracing other) {
        return new ClientObservation(metrics, other);
    }
}
