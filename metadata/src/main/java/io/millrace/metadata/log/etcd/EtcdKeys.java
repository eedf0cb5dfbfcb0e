package io.millrace.metadata.log.etcd;

import io.millrace.metadata.log.EntryId;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The etcd keys of a cluster's log. Numbers are zero-padded, so keys and values sort numerically.
 */
final class EtcdKeys {

    private static final Pattern ENTRY =
            Pattern.compile("([0-9]{16})/([0-9]+)/([0-9a-f]{16})-([0-9]{16})");

    /** The parsed key of an entry. */
    record EntryKey(long epoch, EntryId id) {}

    final String prefix;
    final String generation;
    final String identity;
    final String epoch;
    final String head;
    final String manifest;
    final String secret;
    final String restore;
    private final String log;

    EtcdKeys(String cluster) {
        prefix = "/millrace/" + cluster + "/";
        generation = prefix + "generation";
        identity = prefix + "identity";
        epoch = prefix + "epoch";
        log = prefix + "log/";
        head = log + "head";
        manifest = prefix + "manifest";
        secret = prefix + "secret";
        restore = prefix + "restore";
    }

    /** Returns the end of the log's key range; the keys of the membership follow. */
    String end() {
        return prefix + "manifest0";
    }

    String entry(long ofEpoch, EntryId id) {
        return String.format(
                Locale.ROOT,
                "%s%016d/%d/%016x-%016d",
                log,
                ofEpoch,
                id.shard(),
                id.incarnation(),
                id.sequence());
    }

    boolean isEntry(String key) {
        return key.startsWith(log) && ENTRY.matcher(key.substring(log.length())).matches();
    }

    EntryKey parse(String key) {
        Matcher matcher = ENTRY.matcher(key.substring(log.length()));
        if (!matcher.matches()) {
            throw new IllegalArgumentException(key);
        }
        return new EntryKey(
                Long.parseLong(matcher.group(1)),
                new EntryId(
                        Integer.parseInt(matcher.group(2)),
                        HexFormat.fromHexDigitsToLong(matcher.group(3)),
                        Long.parseLong(matcher.group(4))));
    }

    /** Returns the start of an epoch's entries, the end of the preceding epoch's. */
    String entriesFrom(long ofEpoch) {
        return String.format(Locale.ROOT, "%s%016d/", log, ofEpoch);
    }

    String allEntriesFrom() {
        return log + "0";
    }

    String allEntriesEnd() {
        return log + ":";
    }

    /** Returns the start of the votes for a position, the end of those for lower positions. */
    String votes(long position) {
        return String.format(Locale.ROOT, "%svotes/%016d/", prefix, position);
    }

    String votesEnd(long position) {
        return String.format(Locale.ROOT, "%svotes/%016d0", prefix, position);
    }

    String vote(long position, String voter) {
        return votes(position) + voter;
    }

    /** Returns the end of all keys of the cluster, of the log and of the membership. */
    String allEnd() {
        return prefix.substring(0, prefix.length() - 1) + "0";
    }

    /** Returns the start of the registered nodes. */
    String nodes() {
        return prefix + "nodes/";
    }

    String nodesEnd() {
        return prefix + "nodes0";
    }

    static byte[] number(long value) {
        return String.format(Locale.ROOT, "%016d", value).getBytes(StandardCharsets.US_ASCII);
    }

    static long number(byte[] value) {
        return Long.parseLong(new String(value, StandardCharsets.US_ASCII));
    }
}
