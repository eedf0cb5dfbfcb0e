package io.millrace.metadata.group;

import java.nio.charset.StandardCharsets;

/** How large groups may be. At a limit a command is refused and changes nothing. */
public final class GroupLimits {

    /** Most bytes of the id of a group, a member or an instance, in UTF-8. */
    public static final int ID_BYTES = 255;

    /** Most characters of the text that goes with a committed offset. */
    public static final int TEXT_CHARS = 4096;

    /** Most members of a group. */
    public static final int MEMBERS_OF_A_GROUP = 10_000;

    /** Most bytes of details and assignment of one member, and of details of a group. */
    public static final int DETAILS_BYTES = 256 << 10;

    /** Most groups. */
    public static final int GROUPS = 100_000;

    /** Most partitions with a lease or a committed offset in all groups, in steps of a page. */
    public static final int PARTITIONS = 2_000_000;

    /** Most bytes of details and assignments and characters of texts in all groups. */
    public static final long DETAILS_OF_ALL_BYTES = 128 << 20;

    private GroupLimits() {}

    /**
     * Refuses text that would not come back from UTF-8 as it was: it would mean one thing to the
     * node that proposes it and another to all others.
     */
    public static String wellFormed(String text) {
        for (int i = 0; i < text.length(); i++) {
            char here = text.charAt(i);
            if (Character.isSurrogate(here)) {
                i++;
                if (!Character.isHighSurrogate(here)
                        || i == text.length()
                        || !Character.isLowSurrogate(text.charAt(i))) {
                    throw new IllegalArgumentException("half a character at " + i);
                }
            }
        }
        return text;
    }

    /** Whether a group or a member may be called this. */
    public static boolean isId(String text) {
        return !text.isEmpty()
                && text.length() <= ID_BYTES
                && text.getBytes(StandardCharsets.UTF_8).length <= ID_BYTES;
    }
}
