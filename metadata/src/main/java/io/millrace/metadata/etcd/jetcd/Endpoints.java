package io.millrace.metadata.etcd.jetcd;

import java.net.URI;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * The members of etcd. All calls and watches go to one of them, so that one that hangs costs one
 * timeout; when it does not answer, to the next. Owned by the loop of its client.
 */
final class Endpoints {

    private final List<Endpoint> members;
    private int current;

    /**
     * @param random for the member to begin with, so that not all processes ask the same one
     */
    Endpoints(EtcdSettings settings, RandomGenerator random) {
        List<URI> order = new ArrayList<>(settings.endpoints());
        Collections.shuffle(order, random);
        this.members = order.stream().map(uri -> new Endpoint(uri, settings)).toList();
    }

    Endpoint current() {
        return members.get(current);
    }

    List<Endpoint> all() {
        return members;
    }

    /** This member did not answer. */
    void away(Endpoint member) {
        member.reconnect();
        if (member == current()) {
            current = (current + 1) % members.size();
        }
    }

    void close() {
        members.forEach(Endpoint::close);
    }
}
