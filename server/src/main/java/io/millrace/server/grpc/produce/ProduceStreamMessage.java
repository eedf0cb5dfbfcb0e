package io.millrace.server.grpc.produce;

import java.util.List;

/** A {@code millrace.v1.ProduceStreamRequest}; see {@link ProduceMessage} for its payloads. */
record ProduceStreamMessage(long correlationId, List<ProduceMessage> requests) {

    /** Returns the size of all payloads. */
    long sizeBytes() {
        long sizeBytes = 0;
        for (ProduceMessage request : requests) {
            sizeBytes += request.sizeBytes();
        }
        return sizeBytes;
    }

    ProduceStreamMessage detached() {
        return new ProduceStreamMessage(
                correlationId, requests.stream().map(ProduceMessage::detached).toList());
    }
}
