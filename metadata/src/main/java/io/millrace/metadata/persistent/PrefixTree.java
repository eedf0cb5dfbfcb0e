package io.millrace.metadata.persistent;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * An immutable map from texts to values, whose changed copies share all nodes with it but those on
 * the path to the key. A radix tree: {@link Node#next} walks from the root over the keys that are
 * prefixes of a text. Compares UTF-16 code units. Reads allocate nothing.
 */
public final class PrefixTree<V> {

    private static final PrefixTree<?> EMPTY = new PrefixTree<>(new Node<>("", null, List.of()));

    /**
     * The end of a key or the beginning of several.
     *
     * @param label the code units between the parent's key and that of this node
     * @param value the value of the key; null for a common beginning of keys without a value
     * @param children by the first code unit of their labels, which differ
     */
    public record Node<V>(String label, @Nullable V value, List<Node<V>> children) {

        /**
         * Returns the next node on the path to a text; null at the end of the path.
         *
         * @param at the length of the key of this node, which is a prefix of the text
         */
        public @Nullable Node<V> next(String text, int at) {
            if (at >= text.length()) {
                return null;
            }
            int index = indexOf(text.charAt(at));
            if (index < 0) {
                return null;
            }
            Node<V> child = children.get(index);
            return text.startsWith(child.label, at) ? child : null;
        }

        /** Returns the index of the child of a code unit, or -1 - the index for a new one. */
        private int indexOf(char first) {
            int from = 0;
            int to = children.size() - 1;
            while (from <= to) {
                int middle = (from + to) >>> 1;
                char found = children.get(middle).label.charAt(0);
                if (found == first) {
                    return middle;
                }
                if (found < first) {
                    from = middle + 1;
                } else {
                    to = middle - 1;
                }
            }
            return -1 - from;
        }

        /**
         * @param at the length of the key of this node
         */
        private Node<V> with(String key, int at, V added) {
            if (at == key.length()) {
                return new Node<>(label, added, children);
            }
            List<Node<V>> changed = new ArrayList<>(children);
            int index = indexOf(key.charAt(at));
            if (index < 0) {
                changed.add(-1 - index, new Node<>(key.substring(at), added, List.of()));
            } else {
                Node<V> child = children.get(index);
                int common = child.commonWith(key, at);
                Node<V> parent = common < child.label.length() ? child.split(common) : child;
                changed.set(index, parent.with(key, at + common, added));
            }
            return new Node<>(label, value, List.copyOf(changed));
        }

        private int commonWith(String key, int at) {
            int max = Math.min(label.length(), key.length() - at);
            int common = 0;
            while (common < max && label.charAt(common) == key.charAt(at + common)) {
                common++;
            }
            return common;
        }

        private Node<V> split(int length) {
            Node<V> rest = new Node<>(label.substring(length), value, children);
            return new Node<>(label.substring(0, length), null, List.of(rest));
        }

        /** Returns this node without a key; null if no other key remains. */
        private @Nullable Node<V> without(String key, int at) {
            if (at == key.length()) {
                return joined(null, children);
            }
            Node<V> child = next(key, at);
            if (child == null) {
                return this;
            }
            Node<V> rest = child.without(key, at + child.label.length());
            List<Node<V>> changed = new ArrayList<>(children);
            int index = indexOf(key.charAt(at));
            if (rest == null) {
                changed.remove(index);
            } else {
                changed.set(index, rest);
            }
            return joined(value, changed);
        }

        /** Returns a node in place of this one, joined with its child if that is the only one. */
        private @Nullable Node<V> joined(@Nullable V kept, List<Node<V>> rest) {
            if (kept != null || rest.size() > 1) {
                return new Node<>(label, kept, List.copyOf(rest));
            }
            if (rest.isEmpty()) {
                return null;
            }
            Node<V> only = rest.getFirst();
            return new Node<>(label + only.label, only.value, only.children);
        }

        private boolean anyMatch(Predicate<V> test) {
            if (value != null && test.test(value)) {
                return true;
            }
            for (Node<V> child : children) {
                if (child.anyMatch(test)) {
                    return true;
                }
            }
            return false;
        }
    }

    private final Node<V> root;

    private PrefixTree(Node<V> root) {
        this.root = root;
    }

    @SuppressWarnings("unchecked") // an empty tree has no content of any type
    public static <V> PrefixTree<V> empty() {
        return (PrefixTree<V>) EMPTY;
    }

    /** Returns the node of the empty key. */
    public Node<V> root() {
        return root;
    }

    public boolean isEmpty() {
        return root.value == null && root.children.isEmpty();
    }

    /** Returns the value of a key; null if there is none. */
    public @Nullable V find(String key) {
        Node<V> node = root;
        int at = 0;
        while (at < key.length()) {
            node = node.next(key, at);
            if (node == null) {
                return null;
            }
            at += node.label.length();
        }
        return node.value;
    }

    public PrefixTree<V> with(String key, V value) {
        return new PrefixTree<>(root.with(key, 0, value));
    }

    public PrefixTree<V> without(String key) {
        Node<V> rest = root.without(key, 0);
        if (rest == null) {
            return empty();
        }
        return new PrefixTree<>(rest.label.isEmpty() ? rest : new Node<>("", null, List.of(rest)));
    }

    /** Returns whether any value passes a test, in the order of the keys. */
    public boolean anyMatch(Predicate<V> test) {
        return root.anyMatch(test);
    }
}
