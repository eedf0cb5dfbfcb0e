package io.millrace.metadata.admin;

import io.millrace.metadata.topic.Topic;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.ProblemException;
import io.millrace.protocol.error.Reason;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The token of a page of partitions.
 *
 * @param topicId 0 for the first page of any topic
 */
record PartitionPageToken(long topicId, int partition) {

    private static final Pattern TEXT = Pattern.compile("(\\d{1,18})/(\\d{1,9})");

    static PartitionPageToken parse(String text) {
        if (text.isEmpty()) {
            return new PartitionPageToken(0, 0);
        }
        Matcher parts = TEXT.matcher(text);
        if (!parts.matches()) {
            throw new ProblemException(
                    new Problem(
                            Reason.MALFORMED_REQUEST,
                            "The page token is none of DescribeTopic: use the next_page_token of"
                                    + " the previous page, or an empty token for the first page."));
        }
        return new PartitionPageToken(
                Long.parseLong(parts.group(1)), Integer.parseInt(parts.group(2)));
    }

    String text() {
        return topicId + "/" + partition;
    }

    /** Returns the first partition of the page; fails with UNKNOWN_TOPIC for another topic. */
    int partitionOf(Topic topic) {
        if (topicId != 0 && topicId != topic.id()) {
            throw TopicAdmin.unknown(topic.name());
        }
        return Math.min(partition, topic.partitionCount());
    }
}
