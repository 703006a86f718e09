-- MySQL dump 10.13
CREATE TABLE `orders` (
  `id` int NOT NULL AUTO_INCREMENT,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB;
