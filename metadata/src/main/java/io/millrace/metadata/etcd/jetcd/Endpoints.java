package io.millrace.metadata.etcd.jetcd;

import java.net.URI;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * The members of etcd. All calls and watches use one member; after an unanswered call they move to
 * the next. Owned by the client's event loop.
 */
final class Endpoints {

    private final List<Endpoint> members;
    private int current;

    /**
     * @param random chooses the first member, so that processes spread over the members
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

    void markUnavailable(Endpoint member) {
        member.reconnect();
        if (member == current()) {
            current = (current + 1) % members.size();
        }
    }

    void close() {
        members.forEach(Endpoint::close);
    }
}
