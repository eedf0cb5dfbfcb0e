package io.millrace.metadata.group;

import java.util.List;
import java.util.Optional;

/** The consumer groups in the applied state. A live view: only on the loop that owns the state. */
public interface Groups {

    /** Returns a group; empty if unknown. */
    Optional<Group> group(String id);

    /** Returns the ids of all groups, in order. */
    List<String> ids();
}
