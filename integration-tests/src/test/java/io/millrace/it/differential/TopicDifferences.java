package io.millrace.it.differential;

import static io.millrace.it.differential.KnownDifferences.known;

import io.millrace.it.differential.KnownDifferences.Known;
import java.util.List;

/** The known differences in the administration of topics, settings, quotas, users and ACLs. */
final class TopicDifferences {

    private static final String UNKNOWN_SERVER_ERROR =
            "Requests that Kafka answers with UNKNOWN_SERVER_ERROR";
    private static final String FORMS = "Values of settings have one form";
    private static final String SHOWN = "DescribeConfigs and CreateTopics show Millrace's settings";
    private static final String OFFERED = "ApiVersions names the APIs";

    /** Transactions, tokens, replicas, quorums, features, shares, streams and telemetry. */
    private static final String NOT_OFFERED =
            "(2[4-8]|34|3[89]|4[0135]|5[57]|6[4-68]|7[1246-9]|8\\d|9\\d)";

    private static final String FACTOR = "Any replication factor";

    static final List<Known> ALL =
            List.of(
                    known(
                            "^drawn ApiVersions",
                            "^/apiKeys/" + NOT_OFFERED + "/(apiKey|minVersion|maxVersion)$",
                            "\\d+",
                            "\\(absent\\)",
                            OFFERED),
                    known("^drawn ApiVersions", "^/apiKeys/size$", "77", "41", OFFERED),
                    known(
                            "CreateTopics v7",
                            "/topicId$",
                            "the one of .*",
                            "A{22}",
                            "A topic that is only validated"),
                    known(
                            "^\\d{5,} partitions CreateTopics",
                            "/topics/checked/",
                            ".*",
                            ".*",
                            "At most 100,000 partitions"),
                    known(
                            "^to \\d{5,} CreatePartitions",
                            "/errorCode$",
                            "44",
                            "0|37",
                            "At most 100,000 partitions"),
                    known("^factor (2|32767) CreateTopics", "/topics/", ".*", ".*", FACTOR),
                    known("^assigned unknown replica Create", "/", ".*", ".*", FACTOR),
                    known(
                            "^configured empty policy|^subtract to nothing|^describe after subtraction",
                            "/(topics/checked|responses|results)/",
                            ".*",
                            ".*",
                            "`cleanup.policy` is not empty"),
                    known(
                            "^configured (spaces|boolean|same policy|short ratio)",
                            "/value$",
                            ".*",
                            ".*",
                            FORMS),
                    known("^configured sizes", "/topics/", ".*", ".*", "`max.message.bytes` is"),
                    known("^configured throttled", "/topics/", ".*", ".*", SHOWN),
                    known(
                            "CreateTopics|DescribeConfigs",
                            "/configs/(size|(leader|follower).replication.throttled.replicas/.*)$",
                            ".*",
                            "\\d+|\\(absent\\)",
                            SHOWN),
                    known(
                            "CreateTopics|DescribeConfigs",
                            "/configs/(segment.compression|message.format.version|message.downconversion.enable)/",
                            "\\(absent\\)",
                            ".*",
                            SHOWN),
                    known(
                            "CreateTopics|DescribeConfigs",
                            "/configs/min.insync.replicas/configSource$",
                            "3",
                            "5",
                            SHOWN),
                    known("^(synonyms|drawn) ", "/synonyms/", ".*", ".*", SHOWN),
                    known(
                            "^describe (type (16|32)|logger self) DescribeConfigs",
                            "/",
                            ".*",
                            "42|\\(absent\\)|0",
                            "Only topics and nodes have settings"),
                    known(
                            "^describe node self",
                            "/log.retention.ms/(readOnly|value)$",
                            "false|null",
                            "true|604800000",
                            "The host of an ACL"),
                    known(
                            "^drawn (Incremental)?AlterConfigs",
                            "^/responses/(a b|no.such|-1|x{249})/errorCode$",
                            "40",
                            "3|17",
                            "Wrong settings of an unknown topic"),
                    known("^operation (4|-1) ", "/errorCode$", "-1", "42", UNKNOWN_SERVER_ERROR),
                    known(
                            "^empty name DescribeTopicPartitions",
                            "/topics/",
                            ".*",
                            ".*",
                            UNKNOWN_SERVER_ERROR),
                    known("^user empty password", "/errorCode$", "-1", "93", UNKNOWN_SERVER_ERROR),
                    known(
                            "^user empty salt",
                            "/errorCode$",
                            "0",
                            "93",
                            "A SCRAM credential without"),
                    known(
                            "^from 2147483647 DescribeTopicPartitions",
                            "/",
                            ".*",
                            ".*",
                            "A cursor of DescribeTopicPartitions"),
                    known(
                            "^by id, name and id ",
                            "/topicId$",
                            ".*",
                            "A{22}",
                            "A topic that DeleteTopics names"),
                    known(
                            "^(directory|drawn) .*DescribeLogDirs",
                            "/(total|usable)Bytes$",
                            "\\d+",
                            "-1",
                            "DescribeLogDirs reports no"),
                    known(
                            "^drawn DescribeLogDirs",
                            "/partitionSize$",
                            "\\d+",
                            "\\d+",
                            "DescribeLogDirs reports no"),
                    known(
                            "^alter (address|client|remove unknown|share of requests) ",
                            "/errorCode$",
                            "0",
                            "42",
                            "The host of an ACL"),
                    known("^alter type twice ", "/", ".*", ".*", "A quota whose entity"),
                    known(
                            "(Create|Describe|Delete)Acls",
                            "/",
                            ".*",
                            ".*",
                            "ACLs can be administrated"));

    private TopicDifferences() {}
}
