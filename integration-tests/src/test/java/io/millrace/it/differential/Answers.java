package io.millrace.it.differential;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.FetchResponseData.FetchableTopicResponse;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.record.internal.BaseRecords;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.RecordBatch;

/**
 * The leaves of one server's answers by their paths, with placeholders for what each server may
 * choose: ids, addresses, texts.
 */
final class Answers {

    private static final Set<String> CHOSEN =
            Set.of(
                    "throttleTimeMs",
                    "clusterId",
                    "host",
                    "clientHost",
                    "port",
                    "rack",
                    "errorMessage",
                    "message",
                    "nodeId",
                    "leaderId",
                    "brokerId",
                    "controllerId",
                    "replicaNodes",
                    "isrNodes",
                    "replicas",
                    "isr",
                    "leaderEpoch",
                    "currentLeaderEpoch",
                    "committedLeaderEpoch",
                    "finalizedFeaturesEpoch",
                    "supportedFeatures",
                    "finalizedFeatures",
                    "logDir",
                    "documentation",
                    "lastTimestamp");

    /** Fields whose values are given by the server and repeated by requests. */
    private static final Set<String> GIVEN =
            Set.of("topicId", "memberId", "leader", "producerId", "sessionId");

    /** Fields that count the changes of a group, of which a server may need several. */
    private static final Set<String> EPOCHS =
            Set.of("memberEpoch", "groupEpoch", "assignmentEpoch");

    private static final List<String> KEYS =
            List.of(
                    "name",
                    "topicName",
                    "topic",
                    "groupId",
                    "partitionIndex",
                    "index",
                    "resourceName",
                    "group",
                    "partition",
                    "producerId",
                    "key",
                    "apiKey");

    private final Map<String, String> given = new TreeMap<>();

    /** The step of the answer that is read. */
    private String step = "";

    /** Gives a placeholder to a value that the server chose. */
    void name(String value, String placeholder) {
        given.put(value, placeholder);
    }

    /** Returns the leaves of an answer. */
    Map<String, String> leaves(String step, ApiKeys api, short version, ApiMessage answer) {
        this.step = step;
        Map<String, String> leaves = new TreeMap<>();
        ApiMessage compared =
                answer instanceof FetchResponseData fetched ? withTopicsOnce(fetched) : answer;
        collect("", "", json(api, version, compared), leaves);
        if (answer instanceof FetchResponseData fetched) {
            records(fetched, leaves);
        }
        return leaves;
    }

    /** Partitions of a topic may be in one element or in several. */
    private static FetchResponseData withTopicsOnce(FetchResponseData fetched) {
        FetchResponseData merged = fetched.duplicate().setResponses(new ArrayList<>());
        Map<String, FetchableTopicResponse> topics = new TreeMap<>();
        for (FetchableTopicResponse topic : fetched.responses()) {
            FetchableTopicResponse all =
                    topics.computeIfAbsent(
                            topic.topic() + topic.topicId(),
                            any -> {
                                var first = topic.duplicate().setPartitions(new ArrayList<>());
                                merged.responses().add(first);
                                return first;
                            });
            all.partitions().addAll(topic.partitions());
        }
        return merged;
    }

    private void collect(String path, String field, JsonNode node, Map<String, String> leaves) {
        if (CHOSEN.contains(field)) {
            return;
        }
        if (node instanceof ObjectNode object) {
            Iterator<Map.Entry<String, JsonNode>> fields = object.fields();
            while (fields.hasNext()) {
                Map.Entry<String, JsonNode> each = fields.next();
                collect(path + "/" + each.getKey(), each.getKey(), each.getValue(), leaves);
            }
        } else if (node instanceof ArrayNode array) {
            leaves.put(path + "/size", "" + array.size());
            Set<String> keys = new HashSet<>();
            for (int i = 0; i < array.size(); i++) {
                String key = key(array.get(i), i);
                String unique = keys.add(key) ? key : key + "#" + i;
                collect(path + "/" + unique, field, array.get(i), leaves);
            }
        } else if (node.isNull() && field.equals("abortedTransactions")) {
            // Kafka has null or nothing, as the error has it.
            leaves.put(path + "/size", "0");
        } else if (EPOCHS.contains(field) && node.asInt() > 0) {
            leaves.put(path, "an epoch");
        } else {
            boolean given = GIVEN.contains(field) && !node.isNull();
            leaves.put(path, given ? placeholder(path, node.asText()) : node.asText());
        }
    }

    /** Elements are compared by their names where they have one, as their order is free. */
    private String key(JsonNode element, int index) {
        String empty = "" + index;
        for (String field : KEYS) {
            JsonNode name = element.get(field);
            if (name != null && !name.isNull()) {
                if (field.equals("producerId")) {
                    return placeholder("element " + index, name.asText());
                }
                if (!name.asText().isEmpty()) {
                    return name.asText();
                }
                empty = "(empty)";
            }
        }
        JsonNode member = element.get("memberId");
        if (member != null && !member.asText().isEmpty()) {
            return placeholder("element " + index, member.asText());
        }
        JsonNode id = element.get("topicId");
        if (id != null) {
            return placeholder("element " + index, id.asText());
        }
        return element.isTextual() || element.isInt() ? element.asText() : empty;
    }

    private String placeholder(String path, String value) {
        if (value.isEmpty()
                || value.equals("0")
                || value.equals("-1")
                || value.startsWith("AAAAAAAA")) {
            return value;
        }
        return given.computeIfAbsent(value, any -> "the one of " + step + " " + path);
    }

    private static JsonNode json(ApiKeys api, short version, ApiMessage answer) {
        try {
            Class<?> converter = Class.forName(answer.getClass().getName() + "JsonConverter");
            return (JsonNode)
                    converter
                            .getMethod("write", answer.getClass(), short.class, boolean.class)
                            .invoke(null, answer, version, false);
        } catch (ReflectiveOperationException e) {
            throw new AssertionError("no text of an answer of " + api, e);
        }
    }

    private void records(FetchResponseData fetched, Map<String, String> leaves) {
        fetched.responses()
                .forEach(topic ->
                        topic.partitions()
                                .forEach(partition -> {
                                    String path =
                                            "/records/"
                                                    + topic.topic()
                                                    + "-"
                                                    + partition.partitionIndex();
                                    describe(path, partition.records(), leaves);
                                }));
    }

    private void describe(String path, BaseRecords records, Map<String, String> leaves) {
        if (!(records instanceof MemoryRecords memory)) {
            leaves.put(path, records == null ? "none" : records.getClass().getSimpleName());
            return;
        }
        int batches = 0;
        for (RecordBatch batch : memory.batches()) {
            String at = path + "/" + batches++;
            leaves.put(
                    at,
                    "%d..%d magic %d %s %s max %d producer %s epoch %d sequence %d%s"
                            .formatted(
                                    batch.baseOffset(),
                                    batch.lastOffset(),
                                    batch.magic(),
                                    batch.compressionType(),
                                    batch.timestampType(),
                                    batch.maxTimestamp(),
                                    placeholder(at + " producer", "" + batch.producerId()),
                                    batch.producerEpoch(),
                                    batch.baseSequence(),
                                    batch.isValid() ? "" : " damaged"));
            try {
                describe(at, batch, leaves);
            } catch (KafkaException damaged) {
                leaves.put(at + "/damaged", "records");
            }
        }
    }

    private static void describe(String at, RecordBatch batch, Map<String, String> leaves) {
        int index = 0;
        for (Record record : batch) {
            leaves.put(
                    at + "/" + index++,
                    "%d at %d key %s value %s headers %s"
                            .formatted(
                                    record.offset(),
                                    record.timestamp(),
                                    text(record.key()),
                                    text(record.value()),
                                    Arrays.toString(record.headers())));
        }
    }

    private static String text(ByteBuffer bytes) {
        if (bytes == null) {
            return "null";
        }
        byte[] copy = new byte[bytes.remaining()];
        bytes.duplicate().get(copy);
        return copy.length > 64
                ? copy.length + " bytes, hash " + Arrays.hashCode(copy)
                : new String(copy, java.nio.charset.StandardCharsets.UTF_8);
    }
}
