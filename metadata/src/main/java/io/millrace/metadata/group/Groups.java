package io.millrace.metadata.group;

import java.util.List;
import java.util.Optional;

/** The consumer groups in the applied state. A live view: only on the loop that owns the state. */
public interface Groups {

    /** A group; empty if there is no such group. */
    Optional<Group> group(String id);

    /** The ids of all groups, in order. */
    List<String> ids();
}
