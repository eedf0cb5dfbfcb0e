package io.millrace.kafka.fetch;

import io.millrace.kafka.connection.RequestContext;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.protocol.Errors;

/** The isolation levels of requests, which all read up to the high watermark. */
final class IsolationLevels {

    /** Kafka's code for a level that it does not have. */
    static final Errors UNKNOWN_LEVEL = Errors.UNKNOWN_SERVER_ERROR;

    private static final short FIRST_WITHOUT_PARTITIONS = 13;

    private IsolationLevels() {}

    static boolean isKnown(byte level) {
        return level >= 0 && level < IsolationLevel.values().length;
    }

    /** Returns the answer to a fetch with an unknown level. */
    static FetchResponseData refuse(RequestContext context, FetchRequestData request) {
        context.failed(UNKNOWN_LEVEL);
        FetchResponseData answer =
                context.version() < FIRST_WITHOUT_PARTITIONS
                        ? FetchAnswers.refused(request, UNKNOWN_LEVEL)
                        : new FetchResponseData();
        return answer.setErrorCode(UNKNOWN_LEVEL.code()).setSessionId(request.sessionId());
    }
}
