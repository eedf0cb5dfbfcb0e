/**
 * The Java client of Millrace: {@link MillraceClient} connects, {@link Topics} administers, {@link
 * Producer} writes and {@link Reader} reads, {@link Subscription} shares the reading. Each can be
 * used blocking and asynchronously.
 */
@NullMarked
package io.millrace.client;

import org.jspecify.annotations.NullMarked;
