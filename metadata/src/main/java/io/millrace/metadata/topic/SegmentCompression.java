package io.millrace.metadata.topic;

import io.millrace.protocol.batch.CompressionCodec;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The compression of batches that merges move into a segment.
 *
 * @param level on the codec's own scale; empty for the codec's default
 */
public record SegmentCompression(Codec codec, OptionalInt level) {

    /** The value of {@code segment.compression} that leaves batches unchanged. */
    static final String OFF = "off";

    private static final Pattern TEXT = Pattern.compile("(zstd|lz4|gzip)(?::(\\d{1,2}))?");

    /** The codecs for segments. */
    public enum Codec {
        ZSTD(CompressionCodec.ZSTD, 22),
        LZ4(CompressionCodec.LZ4, 17),
        GZIP(CompressionCodec.GZIP, 9);

        private final CompressionCodec codec;
        private final int maxLevel;

        Codec(CompressionCodec codec, int maxLevel) {
            this.codec = codec;
            this.maxLevel = maxLevel;
        }

        public CompressionCodec codec() {
            return codec;
        }

        private String text() {
            return codec.kafkaName();
        }

        private String levels() {
            return "%s:1 to %s:%d".formatted(text(), text(), maxLevel);
        }
    }

    static String legalValues() {
        return "%s, %s, or one with a level: %s"
                .formatted(OFF, joined(Codec::text), joined(Codec::levels));
    }

    private static String joined(Function<Codec, String> of) {
        return Arrays.stream(Codec.values()).map(of).collect(Collectors.joining(", "));
    }

    /** Parses {@code CODEC} or {@code CODEC:LEVEL}; empty for anything else. */
    static Optional<SegmentCompression> parse(String text) {
        Matcher parts = TEXT.matcher(text);
        if (!parts.matches()) {
            return Optional.empty();
        }
        Codec codec = Codec.valueOf(parts.group(1).toUpperCase(Locale.ROOT));
        if (parts.group(2) == null) {
            return Optional.of(new SegmentCompression(codec, OptionalInt.empty()));
        }
        int level = Integer.parseInt(parts.group(2));
        return level >= 1 && level <= codec.maxLevel
                ? Optional.of(new SegmentCompression(codec, OptionalInt.of(level)))
                : Optional.empty();
    }
}
