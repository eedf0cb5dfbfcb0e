package io.millrace.kafka.cluster;

/**
 * A live node that serves Kafka clients.
 *
 * @param number the broker id, never the number of another node
 * @param node the id of the node, by which rendezvous hashing selects
 * @param host the host that clients connect to
 * @param zone empty if not configured
 */
public record KafkaNode(int number, String node, String host, int port, String zone) {}
