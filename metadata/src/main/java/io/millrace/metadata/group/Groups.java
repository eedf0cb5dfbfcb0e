package io.millrace.metadata.group;

import java.util.List;
import java.util.Optional;

/** A live view of the consumer groups. Only on the loop that owns the state. */
public interface Groups {

    Optional<Group> group(String id);

    /** Returns the ids in order. */
    List<String> ids();

    /** Returns the first ids, in order, that are greater than an id; "" is below all ids. */
    List<String> idsAfter(String id, int max);

    /** Returns whether an incarnation coordinates any group. */
    boolean coordinates(long incarnation);
}
