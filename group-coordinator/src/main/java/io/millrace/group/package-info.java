/** The API of group coordination. */
@NullMarked
package io.millrace.group;

import org.jspecify.annotations.NullMarked;
