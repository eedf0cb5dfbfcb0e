/** The API of group coordination: sessions, join requests, assigned partitions and commits. */
@NullMarked
package io.millrace.group;

import org.jspecify.annotations.NullMarked;
