package io.millrace.metadata.feature;

/**
 * The limits that decide outcomes. They are functions of the feature level: nodes with different
 * limits would apply the same log to different states.
 *
 * @param partitions in all topics
 * @param producers the remembered (producer, partition) pairs before their number is raised
 * @param maxProducers the highest number to which it can be raised
 * @param nodes with a number
 * @param scramCredentials of all users and mechanisms
 */
public record StateLimits(
        int partitionsPerTopic,
        int partitions,
        int producers,
        int maxProducers,
        int groups,
        int acls,
        int quotas,
        int nodes,
        int scramCredentials) {

    /**
     * The limits of level 1. A node with a small heap rejects partitions before the limit is
     * reached.
     */
    static final StateLimits LEVEL_ONE =
            new StateLimits(
                    100_000,
                    2_000_000,
                    500_000,
                    20_000_000,
                    100_000,
                    100_000,
                    20_000,
                    10_000,
                    20_000);
}
