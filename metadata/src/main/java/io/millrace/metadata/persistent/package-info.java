/** Immutable collections whose changed copies share most of their nodes. */
@NullMarked
package io.millrace.metadata.persistent;

import org.jspecify.annotations.NullMarked;
