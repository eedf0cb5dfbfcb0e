package io.millrace.it.differential;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.CreateTopicsRequestData;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopicConfig;
import org.apache.kafka.common.message.CreateTopicsResponseData;
import org.apache.kafka.common.message.ListOffsetsResponseData;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.message.MetadataResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;

/** One of the two servers, and the transcript of what it answered in a scenario. */
final class Side implements AutoCloseable {

    private final String address;
    private final Answers answers = new Answers();
    private final Map<String, Map<String, String>> transcript = new LinkedHashMap<>();
    private final Map<String, String> requests = new HashMap<>();
    private Optional<WireConnection> connection = Optional.empty();

    Side(String address) {
        this.address = address;
    }

    /** Returns what each step was answered, by the labels of the steps. */
    Map<String, Map<String, String>> transcript() {
        return transcript;
    }

    /** Returns the text of the request of a step; empty where there is none. */
    String request(String step) {
        return requests.getOrDefault(step, "");
    }

    /** Returns the placeholders of what this server chose. */
    Answers answers() {
        return answers;
    }

    /** Sends a request and notes its answer under a label. */
    Optional<ApiMessage> call(String label, ApiKeys api, int version, ApiMessage request) {
        requests.put(step(label, api, version), request.toString());
        Optional<ApiMessage> answer = quietly(api, version, request);
        note(label, api, version, answer);
        return answer;
    }

    /** Notes an answer under a label. */
    void note(String label, ApiKeys api, int version, Optional<ApiMessage> answer) {
        String step = step(label, api, version);
        note(
                step,
                answer.map(message -> answers.leaves(step, api, (short) version, message))
                        .orElse(Map.of("/connection", "closed")));
    }

    private static String step(String label, ApiKeys api, int version) {
        return label + " " + api.name + " v" + version;
    }

    /** The answer of a request that the server may hold back. */
    interface Pending {

        /** Waits for the answer and notes it under a label. */
        Optional<ApiMessage> end(String label);
    }

    /** Sends a request on a connection of its own. */
    Pending begin(ApiKeys api, int version, ApiMessage request) {
        try {
            WireConnection own = new WireConnection(address);
            own.send(own.frame(api, (short) version, request));
            return label -> {
                try (own) {
                    Optional<ApiMessage> answer = own.answer(api, (short) version);
                    note(label, api, version, answer);
                    return answer;
                } catch (IOException e) {
                    throw new AssertionError(label + ": " + api + " to " + address, e);
                }
            };
        } catch (IOException e) {
            throw new AssertionError(api + " v" + version + " to " + address, e);
        }
    }

    /** A request of one API, by version. */
    interface RequestOf {
        ApiMessage version(short version);
    }

    /** Sends a request in each of the versions that the server and this client have. */
    void each(String label, ApiKeys api, RequestOf request) {
        for (short version : api.allVersions()) {
            call(label, api, version, request.version(version));
        }
    }

    /** Sends a request whose answer is not compared. */
    Optional<ApiMessage> quietly(ApiKeys api, int version, ApiMessage request) {
        try {
            if (connection.isEmpty()) {
                connection = Optional.of(new WireConnection(address));
            }
            Optional<ApiMessage> answer = connection.get().call(api, (short) version, request);
            if (answer.isEmpty()) {
                disconnect();
            }
            return answer;
        } catch (SocketTimeoutException slow) {
            disconnect();
            throw new AssertionError(
                    "no answer from %s to %s v%d: %s".formatted(address, api, version, request),
                    slow);
        } catch (IOException e) {
            throw new AssertionError(api + " v" + version + " to " + address, e);
        }
    }

    /** Sends bytes on a connection of their own and notes whether it stays open. */
    void raw(String label, byte[] bytes) {
        try (WireConnection own = new WireConnection(address)) {
            own.sendRaw(bytes);
            note(label, Map.of("/connection", own.receive().isPresent() ? "answered" : "closed"));
        } catch (SocketTimeoutException slow) {
            note(label, Map.of("/connection", "open"));
        } catch (IOException e) {
            throw new AssertionError(label + " to " + address, e);
        }
    }

    void note(String label, Map<String, String> leaves) {
        if (transcript.putIfAbsent(label, new TreeMap<>(leaves)) != null) {
            throw new AssertionError("two steps are called " + label);
        }
    }

    /** Creates a topic and returns its id. */
    Uuid createTopic(String name, int partitions) {
        return createTopic(name, partitions, Map.of());
    }

    /** Creates a topic with settings and returns its id. */
    Uuid createTopic(String name, int partitions, Map<String, String> settings) {
        var topic =
                new CreateTopicsRequestData.CreatableTopic()
                        .setName(name)
                        .setNumPartitions(partitions)
                        .setReplicationFactor((short) 1);
        settings.forEach((key, value) ->
                topic.configs().add(new CreatableTopicConfig().setName(key).setValue(value)));
        var request = new CreateTopicsRequestData().setTimeoutMs(30_000);
        request.topics().add(topic);
        var answer =
                (CreateTopicsResponseData) quietly(ApiKeys.CREATE_TOPICS, 7, request).orElseThrow();
        var created = answer.topics().find(name);
        if (created.errorCode() != 0) {
            throw new AssertionError(address + ": " + created);
        }
        answers.name(created.topicId().toString(), "id of " + name);
        for (int partition = 0; partition < partitions; partition++) {
            awaitLeader(new Requests.Target(name, created.topicId(), partition));
        }
        return created.topicId();
    }

    /** Returns the number of the only node. */
    int node() {
        var answer =
                (MetadataResponseData)
                        quietly(ApiKeys.METADATA, 8, new MetadataRequestData().setTopics(List.of()))
                                .orElseThrow();
        return answer.brokers().iterator().next().nodeId();
    }

    /** Waits until the broker has read all changes that the controller of Kafka has answered. */
    void settle() {
        createTopic("zzz-settled-" + Uuid.randomUuid(), 1);
    }

    /** A partition of Kafka has no leader until the broker has read that it was created. */
    private void awaitLeader(Requests.Target target) {
        ListOffsetsResponseData answer;
        do {
            answer =
                    (ListOffsetsResponseData)
                            quietly(
                                            ApiKeys.LIST_OFFSETS,
                                            6,
                                            Requests.listOffsets(target, -1, (byte) 0))
                                    .orElseThrow();
        } while (answer.topics().getFirst().partitions().getFirst().errorCode() != 0);
    }

    /** Closes the connection; the next request opens another. */
    void disconnect() {
        try {
            if (connection.isPresent()) {
                connection.get().close();
            }
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        connection = Optional.empty();
    }

    @Override
    public void close() {
        disconnect();
    }
}
