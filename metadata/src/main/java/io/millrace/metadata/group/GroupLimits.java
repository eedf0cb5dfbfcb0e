package io.millrace.metadata.group;

import java.nio.charset.StandardCharsets;

/** The size limits of groups. A command that exceeds a limit is rejected and changes nothing. */
public final class GroupLimits {

    /** Limit of the id of a group, member or instance, in bytes of UTF-8. */
    public static final int MAX_ID_BYTES = 255;

    /** Limit of a committed offset's text. */
    public static final int MAX_TEXT_CHARS = 4096;

    public static final int MAX_MEMBERS_PER_GROUP = 10_000;

    /** Limit of the details and assignment of a member, and of the details of a group. */
    public static final int MAX_DETAILS_BYTES = 256 << 10;

    /** Limit of partitions with a lease or a committed offset in all groups, in steps of a page. */
    public static final int MAX_PARTITIONS = 2_000_000;

    /** Limit of all details and assignments in bytes plus all texts in characters. */
    public static final long MAX_TOTAL_DETAILS_BYTES = 128 << 20;

    private GroupLimits() {}

    /** Requires that text survives encoding in UTF-8, so that all nodes read the same text. */
    public static String requireWellFormed(String text) {
        for (int i = 0; i < text.length(); i++) {
            char here = text.charAt(i);
            if (Character.isSurrogate(here)) {
                i++;
                if (!Character.isHighSurrogate(here)
                        || i == text.length()
                        || !Character.isLowSurrogate(text.charAt(i))) {
                    throw new IllegalArgumentException("unpaired surrogate at index " + i);
                }
            }
        }
        return text;
    }

    public static boolean isLegalId(String text) {
        return !text.isEmpty()
                && text.length() <= MAX_ID_BYTES
                && text.getBytes(StandardCharsets.UTF_8).length <= MAX_ID_BYTES;
    }
}
