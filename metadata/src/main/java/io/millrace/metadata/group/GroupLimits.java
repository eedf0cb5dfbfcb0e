package io.millrace.metadata.group;

import java.nio.charset.StandardCharsets;

/** The size limits of groups. A command that exceeds a limit is rejected and changes nothing. */
public final class GroupLimits {

    /** Maximum length of the id of a group, a member or an instance, in bytes of UTF-8. */
    public static final int MAX_ID_BYTES = 255;

    /** Maximum length of a committed offset's text, in characters. */
    public static final int MAX_TEXT_CHARS = 4096;

    /** Maximum number of members of a group. */
    public static final int MAX_MEMBERS_PER_GROUP = 10_000;

    /**
     * Maximum size of details and assignment of one member, and of details of a group, in bytes.
     */
    public static final int MAX_DETAILS_BYTES = 256 << 10;

    /** Maximum number of groups. */
    public static final int MAX_GROUPS = 100_000;

    /**
     * Maximum number of partitions with a lease or a committed offset in all groups, in steps of a
     * page.
     */
    public static final int MAX_PARTITIONS = 2_000_000;

    /**
     * Maximum total of the bytes of details and assignments and the characters of texts in all
     * groups.
     */
    public static final long MAX_TOTAL_DETAILS_BYTES = 128 << 20;

    private GroupLimits() {}

    /**
     * Checks that text survives encoding in UTF-8. Otherwise the proposing node would read it
     * differently from all other nodes.
     */
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

    /** Returns whether a text is a legal id of a group or a member. */
    public static boolean isLegalId(String text) {
        return !text.isEmpty()
                && text.length() <= MAX_ID_BYTES
                && text.getBytes(StandardCharsets.UTF_8).length <= MAX_ID_BYTES;
    }
}
