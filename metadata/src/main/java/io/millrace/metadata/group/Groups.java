package io.millrace.metadata.group;

import java.util.List;
import java.util.Optional;

/** A live view of the consumer groups. Only on the loop that owns the state. */
public interface Groups {

    Optional<Group> group(String id);

    /** Returns the ids in order. */
    List<String> ids();
}
