package io.millrace.it.differential;

import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The differences from Apache Kafka that are meant, each with the row of docs/kafka.md for it. */
final class KnownDifferences {

    /**
     * A set of differing leaves.
     *
     * @param step the steps, a regular expression over their labels with API and version
     * @param path the paths of the leaves, a regular expression
     * @param kafka Kafka's values, a regular expression
     * @param millrace Millrace's values, a regular expression
     * @param row the beginning of the row of docs/kafka.md
     */
    record Known(Pattern step, Pattern path, Pattern kafka, Pattern millrace, String row) {

        boolean covers(Difference difference) {
            return step.matcher(difference.step()).find()
                    && path.matcher(difference.path()).find()
                    && kafka.matcher(difference.kafka()).matches()
                    && millrace.matcher(difference.millrace()).matches();
        }
    }

    /** A leaf that differs; "(absent)" where one side has none. */
    record Difference(String step, String path, String kafka, String millrace) {

        @Override
        public String toString() {
            return step + " " + path + ": kafka " + kafka + ", millrace " + millrace;
        }
    }

    private static final List<Known> OF_RECORDS =
            List.of(
                    known("zstd Fetch v[4-9]$", ".*", ".*", ".*", "Records compressed with zstd"),
                    known(
                            "(control|claims|delta|compression|batch and garbage|step|foreign).* Produce",
                            "/logStartOffset$",
                            "0",
                            "-1",
                            "The answer of a refused batch"),
                    known(
                            "(unknown compression|huge length) Produce",
                            "/errorCode$",
                            "-1",
                            "87",
                            "Requests that Kafka answers with UNKNOWN_SERVER_ERROR"),
                    known(
                            "max -1 from .* Fetch",
                            ".*",
                            ".*",
                            ".*",
                            "Requests that Kafka answers with UNKNOWN_SERVER_ERROR"),
                    known(
                            "garbage for zstd Produce",
                            ".*",
                            "-1",
                            "0|-1",
                            "Compressed records are not decompressed"),
                    known("base offset Produce", ".*", "87|-1", "0", "The base offset of a batch"),
                    known(
                            "batch and garbage Produce",
                            "/(errorCode|baseOffset)$",
                            "0",
                            "87|-1",
                            "Bytes after the batch"),
                    known(
                            "max .* Fetch",
                            "/recordsSizeInBytes$",
                            "[1-9]\\d*",
                            "[1-9]\\d*",
                            "A fetch returns whole batches"),
                    known(
                            "step (9|10) Produce",
                            "/errorCode$",
                            "45",
                            "6",
                            "A batch ahead of its sequence"),
                    known(
                            "step .* Produce",
                            "/logAppendTimeMs$",
                            "1700000000000",
                            "-1",
                            "The answer of a duplicate"),
                    known(
                            "foreign producer .* Produce",
                            "/(errorCode|baseOffset)$",
                            "0|\\d+",
                            "59|-1",
                            "A producer id that was not given"));

    static final List<Known> ALL =
            Stream.of(OF_RECORDS, TopicDifferences.ALL, GroupDifferences.ALL)
                    .flatMap(List::stream)
                    .toList();

    private KnownDifferences() {}

    /** Returns the beginnings of the rows of docs/kafka.md that the differences belong to. */
    static List<String> rows() {
        return ALL.stream().map(Known::row).distinct().toList();
    }

    static boolean cover(Difference difference) {
        return ALL.stream().anyMatch(known -> known.covers(difference));
    }

    static Known known(String step, String path, String kafka, String millrace, String row) {
        return new Known(
                Pattern.compile(step),
                Pattern.compile(path),
                Pattern.compile(kafka),
                Pattern.compile(millrace),
                row);
    }
}
