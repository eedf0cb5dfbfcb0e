@NullMarked
package io.millrace.fetch.group;

import org.jspecify.annotations.NullMarked;
