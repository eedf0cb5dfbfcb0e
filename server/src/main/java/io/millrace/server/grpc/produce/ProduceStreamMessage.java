package io.millrace.server.grpc.produce;

import java.util.List;

/** A {@code millrace.v1.ProduceStreamRequest}; see {@link ProduceMessage} for its payloads. */
record ProduceStreamMessage(long correlationId, List<ProduceMessage> requests) {

    ProduceStreamMessage detached() {
        return new ProduceStreamMessage(
                correlationId, requests.stream().map(ProduceMessage::detached).toList());
    }
}
