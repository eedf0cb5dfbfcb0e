package io.millrace.metadata.persistent;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * An immutable map, sorted by key, whose changed copies share all but a logarithmic number of nodes
 * with it. An AVL tree: the heights of siblings differ by at most one. The content alone decides
 * the order of iteration.
 */
public final class PersistentMap<K extends Comparable<K>, V> implements Iterable<V> {

    private static final PersistentMap<?, ?> EMPTY = new PersistentMap<>(null, 0);

    private record Node<K, V>(
            K key, V value, @Nullable Node<K, V> left, @Nullable Node<K, V> right, int height) {

        static <K, V> Node<K, V> of(
                K key, V value, @Nullable Node<K, V> left, @Nullable Node<K, V> right) {
            return new Node<>(
                    key, value, left, right, 1 + Math.max(heightOf(left), heightOf(right)));
        }
    }

    private final @Nullable Node<K, V> root;
    private final int size;

    private PersistentMap(@Nullable Node<K, V> root, int size) {
        this.root = root;
        this.size = size;
    }

    @SuppressWarnings("unchecked") // an empty map has no content of any type
    public static <K extends Comparable<K>, V> PersistentMap<K, V> empty() {
        return (PersistentMap<K, V>) EMPTY;
    }

    /** Returns a map of values in the ascending order of their keys. */
    public static <K extends Comparable<K>, V> PersistentMap<K, V> ofSorted(
            List<V> values, Function<V, K> keyOf) {
        return new PersistentMap<>(ofSorted(values, keyOf, 0, values.size()), values.size());
    }

    private static <K, V> @Nullable Node<K, V> ofSorted(
            List<V> values, Function<V, K> keyOf, int from, int to) {
        if (from == to) {
            return null;
        }
        int middle = (from + to) >>> 1;
        V value = values.get(middle);
        return Node.of(
                keyOf.apply(value),
                value,
                ofSorted(values, keyOf, from, middle),
                ofSorted(values, keyOf, middle + 1, to));
    }

    public int size() {
        return size;
    }

    public Optional<V> get(K key) {
        Node<K, V> node = root;
        while (node != null) {
            int order = key.compareTo(node.key);
            if (order == 0) {
                return Optional.of(node.value);
            }
            node = order < 0 ? node.left : node.right;
        }
        return Optional.empty();
    }

    public Optional<V> last() {
        Node<K, V> node = root;
        while (node != null && node.right != null) {
            node = node.right;
        }
        return Optional.ofNullable(node).map(Node::value);
    }

    public PersistentMap<K, V> with(K key, V value) {
        int added = get(key).isPresent() ? 0 : 1;
        return new PersistentMap<>(with(root, key, value), size + added);
    }

    private static <K extends Comparable<K>, V> Node<K, V> with(
            @Nullable Node<K, V> node, K key, V value) {
        if (node == null) {
            return Node.of(key, value, null, null);
        }
        int order = key.compareTo(node.key);
        if (order == 0) {
            return new Node<>(key, value, node.left, node.right, node.height);
        }
        return order < 0
                ? balanced(node, with(node.left, key, value), node.right)
                : balanced(node, node.left, with(node.right, key, value));
    }

    public PersistentMap<K, V> without(K key) {
        return get(key).isPresent() ? new PersistentMap<>(without(root, key), size - 1) : this;
    }

    private static <K extends Comparable<K>, V> @Nullable Node<K, V> without(
            @Nullable Node<K, V> node, K key) {
        if (node == null) {
            return null;
        }
        int order = key.compareTo(node.key);
        if (order < 0) {
            return balanced(node, without(node.left, key), node.right);
        }
        if (order > 0) {
            return balanced(node, node.left, without(node.right, key));
        }
        if (node.left == null || node.right == null) {
            return node.left == null ? node.right : node.left;
        }
        Node<K, V> successor = node.right;
        while (successor.left != null) {
            successor = successor.left;
        }
        return balanced(successor, node.left, without(node.right, successor.key));
    }

    private static int heightOf(@Nullable Node<?, ?> node) {
        return node == null ? 0 : node.height;
    }

    /** Returns a node with the entry of another and these children, after at most two rotations. */
    private static <K, V> Node<K, V> balanced(
            Node<K, V> entry, @Nullable Node<K, V> left, @Nullable Node<K, V> right) {
        int lean = heightOf(left) - heightOf(right);
        if (lean > 1 && left != null) {
            Node<K, V> inner = left.right;
            return inner == null || heightOf(left.left) >= inner.height
                    ? join(left, left.left, Node.of(entry.key, entry.value, inner, right))
                    : join(
                            inner,
                            Node.of(left.key, left.value, left.left, inner.left),
                            Node.of(entry.key, entry.value, inner.right, right));
        }
        if (lean < -1 && right != null) {
            Node<K, V> inner = right.left;
            return inner == null || heightOf(right.right) >= inner.height
                    ? join(right, Node.of(entry.key, entry.value, left, inner), right.right)
                    : join(
                            inner,
                            Node.of(entry.key, entry.value, left, inner.left),
                            Node.of(right.key, right.value, inner.right, right.right));
        }
        return join(entry, left, right);
    }

    private static <K, V> Node<K, V> join(
            Node<K, V> entry, @Nullable Node<K, V> left, @Nullable Node<K, V> right) {
        return Node.of(entry.key, entry.value, left, right);
    }

    /** Returns the values by key. */
    @Override
    public Iterator<V> iterator() {
        Ascending<K, V> all = new Ascending<>();
        all.descend(root);
        return all;
    }

    /** Returns the values whose keys are greater than a key, which may be missing, by key. */
    public Iterator<V> after(K key) {
        Ascending<K, V> rest = new Ascending<>();
        Node<K, V> node = root;
        while (node != null) {
            if (node.key.compareTo(key) > 0) {
                rest.path.add(node);
                node = node.left;
            } else {
                node = node.right;
            }
        }
        return rest;
    }

    /** Holds the nodes whose left subtrees are done, from the root down. */
    private static final class Ascending<K, V> implements Iterator<V> {

        private final List<Node<K, V>> path = new ArrayList<>();

        private void descend(@Nullable Node<K, V> from) {
            for (Node<K, V> node = from; node != null; node = node.left) {
                path.add(node);
            }
        }

        @Override
        public boolean hasNext() {
            return !path.isEmpty();
        }

        @Override
        public V next() {
            if (path.isEmpty()) {
                throw new NoSuchElementException();
            }
            Node<K, V> node = path.removeLast();
            descend(node.right);
            return node.value;
        }
    }
}
