<?php
namespace A;

const NAME = 'lib/a.php';
