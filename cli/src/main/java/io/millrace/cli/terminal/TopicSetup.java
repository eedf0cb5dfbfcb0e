package io.millrace.cli.terminal;

import io.millrace.client.MillraceClient;
import io.millrace.client.error.MillraceException;
import io.millrace.protocol.error.Reason;
import java.util.Map;

/** The creation of topics for measurements and checks. */
public final class TopicSetup {

    private TopicSetup() {}

    /** Creates a topic if missing; returns the number of partitions. */
    public static int ensure(MillraceClient client, String topic, int partitions) {
        return ensure(client, topic, partitions, Map.of());
    }

    /**
     * Creates a topic if missing; returns the number of partitions.
     *
     * @param config the settings of a topic that is created
     */
    public static int ensure(
            MillraceClient client, String topic, int partitions, Map<String, String> config) {
        try {
            return client.topics().create(topic, partitions, config).partitionCount();
        } catch (MillraceException.Rejected exists) {
            if (exists.problem().reason() != Reason.TOPIC_EXISTS) {
                throw exists;
            }
            return client.topics().describe(topic).topic().partitionCount();
        }
    }
}
