package io.millrace.server.settings;

import io.millrace.kafka.cluster.ClientZone;
import io.millrace.kafka.group.GroupTimes;
import io.millrace.metadata.membership.KafkaListener;
import java.util.List;
import java.util.Optional;

/**
 * The settings for Kafka clients.
 *
 * @param listeners the internal listener, and the external one if there is one
 * @param zones the zones of clients
 * @param createsTopics whether topics that clients name are created
 * @param partitions the number of partitions of topics that are created without one
 * @param groupTimes the times of consumer groups that clients do not decide
 */
public record KafkaSettings(
        List<ListenerSettings> listeners,
        ClientZone zones,
        boolean createsTopics,
        int partitions,
        GroupTimes groupTimes) {

    public KafkaSettings {
        listeners = List.copyOf(listeners);
    }

    /** Returns the settings of a listener; empty if off. */
    public Optional<ListenerSettings> listener(KafkaListener listener) {
        return listeners.stream().filter(each -> each.listener() == listener).findFirst();
    }
}
